import {
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { startLocalStack, type LocalHandler, type LocalStack } from '../src/index.ts'
import { claimsOf, cognitoClient } from './support/cognito-client.ts'

const policy = { Statement: { Effect: 'Deny', Action: '*', Resource: '*' } } as const
const PASSWORD = 'Correct-horse-1'

/** Runs a test against a stack with this trigger. */
async function withTrigger(
  preTokenGeneration: LocalHandler | { version: 1 | 2; handler: LocalHandler },
  run: (stack: LocalStack) => Promise<void>,
): Promise<void> {
  const stack = await startLocalStack({
    groups: { Readers: { policy, precedence: 1 } },
    users: { alice: { groups: ['Readers'], password: PASSWORD, email: 'alice@example.com' } },
    userPool: { preTokenGeneration },
  })
  try {
    await run(stack)
  } finally {
    await stack.stop()
  }
}

const signIn = async (stack: LocalStack) => {
  const command = new InitiateAuthCommand({
    ClientId: stack.config.userPoolClientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: 'alice', PASSWORD },
    ClientMetadata: { device: 'phone' },
  })
  return (await cognitoClient(stack).send(command)).AuthenticationResult
}

describe('the pre-token-generation trigger', () => {
  it('receives an event of version 2 at sign-in and at refresh', async () => {
    const events: unknown[] = []
    const trigger: LocalHandler = (event) => {
      events.push(event)
      return event
    }
    await withTrigger(trigger, async (stack) => {
      const first = await signIn(stack)
      const { userPoolId, userPoolClientId: ClientId } = stack.config
      const RefreshToken = first?.RefreshToken
      await cognitoClient(stack).send(
        new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken }),
      )
      expect(events).toHaveLength(2)
      expect(events[0]).toEqual({
        version: '2',
        triggerSource: 'TokenGeneration_Authentication',
        region: 'eu-central-1',
        userPoolId,
        userName: 'alice',
        callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: ClientId },
        request: {
          userAttributes: {
            sub: stack.users['alice']?.sub,
            'cognito:user_status': 'CONFIRMED',
            email: 'alice@example.com',
            email_verified: 'true',
          },
          groupConfiguration: {
            groupsToOverride: ['Readers'],
            iamRolesToOverride: ['arn:aws:iam::123456789012:role/ReadersRole'],
            preferredRole: 'arn:aws:iam::123456789012:role/ReadersRole',
          },
          scopes: ['aws.cognito.signin.user.admin'],
          clientMetadata: { device: 'phone' },
        },
        response: { claimsAndScopeOverrideDetails: null },
      })
      expect(events[1]).toMatchObject({ triggerSource: 'TokenGeneration_RefreshTokens' })
    })
  })

  it('adds, overrides and suppresses claims, scopes and groups, except the claims that are fixed', async () => {
    const trigger: LocalHandler = (event) => ({
      ...event,
      response: {
        claimsAndScopeOverrideDetails: {
          idTokenGeneration: {
            claimsToAddOrOverride: { tenant: 'a', sub: 'mallory', iss: 'https://mallory.example' },
            claimsToSuppress: ['email', 'exp'],
          },
          accessTokenGeneration: {
            claimsToAddOrOverride: { plan: { name: 'pro' }, client_id: 'mallory' },
            scopesToAdd: ['notes/read', 'aws.cognito.other'],
          },
          groupOverrideDetails: { groupsToOverride: ['Guests'], iamRolesToOverride: [] },
        },
      },
    })
    await withTrigger(trigger, async (stack) => {
      const tokens = await signIn(stack)
      const id = claimsOf(tokens?.IdToken)
      expect(id).toMatchObject({
        tenant: 'a',
        sub: stack.users['alice']?.sub,
        iss: stack.config.issuer,
        exp: expect.any(Number),
        'cognito:groups': ['Guests'],
      })
      expect(id).not.toHaveProperty('email')
      expect(id).not.toHaveProperty('cognito:roles')
      expect(claimsOf(tokens?.AccessToken)).toMatchObject({
        plan: { name: 'pro' },
        client_id: stack.config.userPoolClientId,
        scope: 'aws.cognito.signin.user.admin notes/read',
        'cognito:groups': ['Guests'],
      })
    })
  })

  it('that prefers a role which does not exist makes the pool invalid for the user', async () => {
    const gone = 'arn:aws:iam::123456789012:role/Gone'
    const trigger: LocalHandler = (event) => ({
      ...event,
      response: {
        claimsAndScopeOverrideDetails: {
          groupOverrideDetails: { iamRolesToOverride: [gone], preferredRole: gone },
        },
      },
    })
    await withTrigger(trigger, async (stack) => {
      const idToken = (await signIn(stack))?.IdToken ?? ''
      const { endpoints, identityPoolId: IdentityPoolId, region, userPoolId } = stack.config
      const Logins = { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: idToken }
      const exchange = async (operation: string, input: object) => {
        const response = await fetch(endpoints.cognitoIdentity, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': `AWSCognitoIdentityService.${operation}`,
          },
          body: JSON.stringify({ ...input, Logins }),
        })
        return { ...(await response.json()), reason: response.headers.get('x-local-reason') }
      }
      const { IdentityId } = await exchange('GetId', { IdentityPoolId })
      for (const asked of [{}, { CustomRoleArn: gone }]) {
        const refused = await exchange('GetCredentialsForIdentity', { IdentityId, ...asked })
        expect(refused).toEqual({
          __type: 'InvalidIdentityPoolConfigurationException',
          message: 'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
          reason: `the stack has no role ${gone}, which the ID token or the rules name`,
        })
      }
    })
  })

  it('of version 1 changes the ID token alone', async () => {
    const handler: LocalHandler = (event) => {
      expect(event.version).toBe('1')
      event.response = { claimsOverrideDetails: { claimsToAddOrOverride: { tenant: 'a' } } }
      return event
    }
    await withTrigger({ version: 1, handler }, async (stack) => {
      const tokens = await signIn(stack)
      expect(claimsOf(tokens?.IdToken)['tenant']).toBe('a')
      expect(claimsOf(tokens?.AccessToken)).not.toHaveProperty('tenant')
    })
  })

  it('that throws refuses the sign-in with its message', async () => {
    const trigger: LocalHandler = () => Promise.reject(new Error('no tenant'))
    await withTrigger(trigger, async (stack) => {
      await expect(signIn(stack)).rejects.toMatchObject({
        name: 'UserLambdaValidationException',
        message: 'PreTokenGeneration failed with error no tenant.',
      })
    })
  })
})
