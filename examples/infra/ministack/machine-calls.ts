import { createTokenFetch } from 'iamfetch'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { tenantNames, tenants, type Tenant } from '../../premium-content/access.ts'
import { awsCall, type AwsCall } from './aws-call.ts'
import { apiUrl, call, outcome, requestOf, type Call, type Deployment } from './calls.ts'

/** Tenants × methods, with tokens for their own scopes, and each tenant's service, whose functions read their secret. */
export async function machineCalls(deployment: Deployment): Promise<Call[]> {
  const { url, region, outputs } = deployment
  const userPool = awsCall('cognito-idp', url, region)
  const secretsManager = awsCall('secretsmanager', url, region)
  const provider = outputs['PremiumProvider']!
  const providerUrl = apiUrl(deployment, provider['providerUrl']!)
  const UserPoolId = await poolNamed(userPool, 'PremiumProvider')
  const all: Call[] = []
  for (const tenant of tenantNames) {
    const ClientId = outputOf(provider, `AppClient${tenant}`)
    const { UserPoolClient } = await userPool('DescribeUserPoolClient', { UserPoolId, ClientId })
    const { ClientSecret: clientSecret } = UserPoolClient as { ClientSecret: string }
    // The function that does this on AWS needs an operation that the emulator lacks.
    await secretsManager('PutSecretValue', {
      SecretId: outputOf(provider, `Secret${tenant}`),
      SecretString: JSON.stringify({ clientId: ClientId, clientSecret }),
    })
    all.push(...(await callsOf(tenant, ClientId, clientSecret)))
  }
  all.push(await call('nobody GET /premium', '401', fetch(`${providerUrl}/premium`)))
  return all

  async function callsOf(tenant: Tenant, clientId: string, clientSecret: string): Promise<Call[]> {
    const scopes: readonly string[] = tenants[tenant]
    const source = oauthTokenEndpoint({ url: `${url}/oauth2/token`, clientId })
    const token = machineToken({ source, clientSecret: async () => clientSecret, scopes })
    const withToken = createTokenFetch({ baseUrl: providerUrl, token })
    const service = apiUrl(deployment, outputs[`PremiumConsumer-${tenant}`]!['consumerUrl']!)
    const calls: Call[] = []
    for (const [method, scope, path] of [
      ['GET', 'premium/read', '/authorized-read'],
      ['POST', 'premium/write', '/authorized-write'],
    ] as const) {
      const may = scopes.includes(scope)
      const response = withToken('/premium', requestOf(method))
      calls.push(await call(`${tenant}'s token ${method} /premium`, may ? '200' : '403', response))
      const served = fetch(`${service}${path}`)
      calls.push(await outcome(`${tenant}'s service ${path}`, may ? 'served' : 'refused', served))
    }
    const unauthorized = fetch(`${service}/unauthorized-read`)
    calls.push(await call(`${tenant}'s service /unauthorized-read`, '401', unauthorized))
    return calls
  }
}

async function poolNamed(userPool: AwsCall, start: string): Promise<string> {
  const { UserPools } = await userPool('ListUserPools', { MaxResults: 60 })
  const pools = UserPools as { Id: string; Name: string }[]
  const pool = pools.find(({ Name }) => Name.startsWith(start))
  if (!pool) throw new Error(`There is no user pool of ${start}.`)
  return pool.Id
}

/** The value that a stack exports for another, by a part of its generated name. */
function outputOf(outputs: Readonly<Record<string, string>>, part: string): string {
  const names = Object.keys(outputs)
  const name = names.find((one) => one.startsWith('ExportsOutput') && one.includes(part))
  if (name === undefined) throw new Error(`No output of the provider has ${part} in its name.`)
  return outputs[name]!
}
