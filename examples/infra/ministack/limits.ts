import { createIamFetch } from 'iamfetch'
import { awsCall, createStack } from './aws-call.ts'
import { apiUrl, requestOf, type Call, type Deployment } from './calls.ts'
import { rootCredentials } from './emulator.ts'
import { usersOf, type UserStack } from './users.ts'

/**
 * What README.md says that the emulator cannot do, each tried. A row that no longer holds fails the check: what is left
 * out because of it can then be deployed.
 */
export async function limits(deployment: Deployment): Promise<Call[]> {
  const { url, region, outputs } = deployment
  const probe = (what: string, expected: string, text: string): Call => ({
    what,
    expected: `… ${expected} …`,
    seen: text.includes(expected) ? `… ${expected} …` : text.slice(0, 300),
  })
  const failure = async (call: Promise<unknown>): Promise<string> => {
    try {
      return JSON.stringify(await call)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const userPool = awsCall('cognito-idp', url, region)
  const rotation = {
    Type: 'AWS::SecretsManager::RotationSchedule',
    Properties: { SecretId: 'any' },
  }
  const secret = {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { Name: 'probe', SecretString: '{}' },
  }
  const refOfSecret = {
    Resources: { Probe: secret },
    Outputs: { Ref: { Value: { Ref: 'Probe' } } },
  }
  await createStack(url, region, 'ProbeRef', refOfSecret)
  const { testUrl = '' } = outputs['GroupAccess'] ?? {}
  const preflight = await fetch(
    `${url}/_aws/execute-api/${new URL(testUrl).hostname.split('.')[0]}/$default/test`,
    {
      method: 'OPTIONS',
      headers: { origin: 'https://page.example', 'access-control-request-method': 'GET' },
    },
  )
  return [
    probe(
      'AWS::SecretsManager::RotationSchedule',
      'Unrecognized resource types',
      await createStack(url, region, 'ProbeRotation', { Resources: { Probe: rotation } }),
    ),
    probe(
      'ListUserPoolClientSecrets',
      'InvalidAction',
      await failure(userPool('ListUserPoolClientSecrets', { UserPoolId: 'any', ClientId: 'any' })),
    ),
    probe(
      'AddUserPoolClientSecret',
      'InvalidAction',
      await failure(userPool('AddUserPoolClientSecret', { UserPoolId: 'any', ClientId: 'any' })),
    ),
    probe(
      'Ref of a secret',
      '<OutputValue>probe</OutputValue>',
      await describeStack(url, region, 'ProbeRef'),
    ),
    probe(
      'the function of Custom::S3AutoDeleteObjects',
      "no stub for '@aws-sdk/client-s3'",
      await invoked(url, region, 'CustomS3AutoDelete'),
    ),
    probe(
      'role mappings of an identity pool, GET and POST',
      '200 403',
      (await statusesByMapping(deployment)).join(' '),
    ),
    probe('a preflight', '403', String(preflight.status)),
  ]
}

/**
 * The statuses of reading and writing as a user whose group may do both, when only the emulator could apply the role mapping and
 * the pool's default role is that of a group that may read.
 */
async function statusesByMapping(deployment: Deployment): Promise<number[]> {
  const { url, region, outputs } = deployment
  const stack = outputs['GroupAccess'] as unknown as UserStack & { testUrl: string }
  const users = usersOf(stack, url, region)
  await users.add('erin', 'ReadOnlyAccess')
  const { credentials } = await users.add('dora', 'FullAccess', 'by the emulator')
  const baseUrl = apiUrl(deployment, stack.testUrl)
  const signed = createIamFetch({
    baseUrl,
    region,
    service: 'execute-api',
    credentials: async () => credentials,
  })
  return [(await signed('/test')).status, (await signed('/test', requestOf('POST'))).status]
}

async function describeStack(baseUrl: string, region: string, name: string): Promise<string> {
  const credentials = async () => rootCredentials
  const signed = createIamFetch({ baseUrl, service: 'cloudformation', region, credentials })
  const body = new URLSearchParams({
    Action: 'DescribeStacks',
    Version: '2010-05-15',
    StackName: name,
  })
  return (await signed('/', { method: 'POST', body })).text()
}

/** What a deployed function of aws-cdk-lib returns. */
async function invoked(baseUrl: string, region: string, part: string): Promise<string> {
  const credentials = async () => rootCredentials
  const signed = createIamFetch({ baseUrl, service: 'lambda', region, credentials })
  const { Functions }: { Functions: { FunctionName: string }[] } = await (
    await signed('/2015-03-31/functions/?MaxItems=100')
  ).json()
  const found = Functions.find(({ FunctionName }) => FunctionName.includes(part))
  if (!found) return `There is no function with ${part} in its name.`
  const response = await signed(`/2015-03-31/functions/${found.FunctionName}/invocations`, {
    method: 'POST',
    body: '{}',
  })
  return response.text()
}
