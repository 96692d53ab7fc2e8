import { createIamFetch } from 'iamfetch'
import { awsCall, createStack } from './aws-call.ts'
import type { Call, Deployment } from './calls.ts'
import { rootCredentials } from './emulator.ts'

/**
 * What README.md says that the emulator cannot do, each tried. A row that no longer holds fails the check: what is left
 * out because of it can then be deployed.
 */
export async function limits({ url, region, outputs }: Deployment): Promise<Call[]> {
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
      'functions of aws-cdk-lib',
      "no stub for '@aws-sdk/client-s3'",
      await invoked(url, region, 'CustomS3AutoDelete'),
    ),
    probe('a preflight', '403', String(preflight.status)),
  ]
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
