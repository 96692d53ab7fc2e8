import { fromCognitoIdentityPool } from '@aws-sdk/credential-providers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { people, serveIdentity, signedIn, type Served } from './support/serve-identity.ts'

let stack: Served
beforeAll(async () => {
  stack = await serveIdentity({ ...people, region: 'us-west-2' })
})
afterAll(() => stack.stop())

const provider = (token: string, more: { customRoleArn?: string } = {}) =>
  fromCognitoIdentityPool({
    identityPoolId: stack.identity.ids.identityPoolId,
    logins: { [stack.identity.ids.provider]: token },
    clientConfig: { endpoint: stack.url, region: 'us-west-2', maxAttempts: 1 },
    ...more,
  })

describe('fromCognitoIdentityPool of the AWS SDK', () => {
  it('gets the credentials of the role of the group', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    const credentials = await provider(IdToken)()
    const session = stack.identity.sessions.find(credentials.accessKeyId)!
    expect(session.role.arn).toBe('arn:aws:iam::123456789012:role/ReadOnlyAccessRole')
    expect(credentials).toMatchObject({
      secretAccessKey: session.secretAccessKey,
      sessionToken: session.sessionToken,
      identityId: session.identity?.identityId,
      expiration: new Date(session.expiresAt),
    })
  })

  it('gets the role that it requests', async () => {
    const { IdToken } = await signedIn(stack, 'carol')
    const customRoleArn = 'arn:aws:iam::123456789012:role/ReadOnlyAccessRole'
    const { accessKeyId } = await provider(IdToken, { customRoleArn })()
    expect(stack.identity.sessions.find(accessKeyId)!.role.arn).toBe(customRoleArn)
  })

  it('receives the name of the exception and the request ID', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    const altered = IdToken.replace(/.{5}$/, 'AAAAA')
    await expect(provider(altered)()).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: "Invalid login token. Couldn't verify signed token.",
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    })
  })

  it('is throttled, and meets a failing service', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    stack.faults.next('GetId', 'throttle')
    await expect(provider(IdToken)()).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Rate exceeded',
    })
    stack.faults.next('GetCredentialsForIdentity', 'fail')
    await expect(provider(IdToken)()).rejects.toMatchObject({
      name: 'InternalErrorException',
      $metadata: { httpStatusCode: 500 },
    })
  })
})
