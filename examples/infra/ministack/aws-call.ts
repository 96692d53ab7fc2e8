import { createIamFetch } from 'iamfetch'
import { rootCredentials } from './emulator.ts'

/** A call of one AWS service by its JSON protocol, as the emulator's root user. */
export type AwsCall = (operation: string, input?: object) => Promise<Record<string, unknown>>

/** The services that the check administers, by the prefix of their operations. */
const TARGETS = {
  'cognito-idp': 'AWSCognitoIdentityProviderService',
  'cognito-identity': 'AWSCognitoIdentityService',
  secretsmanager: 'secretsmanager',
}

/** @throws Error for a response that is not 200, with its text. */
export function awsCall(service: keyof typeof TARGETS, baseUrl: string, region: string): AwsCall {
  const signed = createIamFetch({
    baseUrl,
    service,
    region,
    credentials: async () => rootCredentials,
  })
  return async (operation, input = {}) => {
    const response = await signed('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${TARGETS[service]}.${operation}`,
      },
      body: JSON.stringify(input),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${operation} failed with ${response.status}: ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }
}

/** Creates a stack from a template, and returns CloudFormation's response as text. */
export async function createStack(
  baseUrl: string,
  region: string,
  name: string,
  template: object,
): Promise<string> {
  const signed = createIamFetch({
    baseUrl,
    service: 'cloudformation',
    region,
    credentials: async () => rootCredentials,
  })
  const response = await signed('/', {
    method: 'POST',
    body: new URLSearchParams({
      Action: 'CreateStack',
      Version: '2010-05-15',
      StackName: name,
      TemplateBody: JSON.stringify(template),
    }),
  })
  return response.text()
}
