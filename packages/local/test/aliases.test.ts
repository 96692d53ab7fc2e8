import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  ConfirmSignUpCommand,
  GetUserAttributeVerificationCodeCommand,
  InitiateAuthCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack, type SentCode } from '../src/index.ts'
import { claimsOf, cognitoClient } from './support/cognito-client.ts'

const PASSWORD = 'Correct-horse-1'
/** Each test has a user with an address, and one without. */
const OWNERS = ['ada', 'eve', 'ida', 'mia', 'zoe'] as const
const emailOf = (name: string): string => `${name}@example.com`
const TAKEN = {
  name: 'AliasExistsException',
  message: 'An account with the email already exists.',
}

const sent = new Map<string, SentCode>()
let stack: LocalStack
let admin: CognitoIdentityProviderClient
let app: CognitoIdentityProviderClient
let pool: { UserPoolId: string }
let ClientId: string
beforeAll(async () => {
  stack = await startLocalStack(
    {
      users: {
        ...Object.fromEntries(
          OWNERS.map((name) => [name, { password: PASSWORD, email: emailOf(name) }]),
        ),
        bob: { password: PASSWORD },
        ben: { password: PASSWORD },
      },
      userPool: { signInAliases: ['email'] },
    },
    { onCode: (code) => void sent.set(code.username, code) },
  )
  admin = cognitoClient(stack, stack.admin)
  app = cognitoClient(stack)
  pool = { UserPoolId: stack.config.userPoolId }
  ClientId = stack.config.userPoolClientId
})
afterAll(() => stack.stop())

const emailIs = (Value: string) => [{ Name: 'email', Value }]
const verified = [{ Name: 'email_verified', Value: 'true' }]
const codeOf = (name: string): string => sent.get(name)?.code ?? ''
const signUp = (Username: string, email: string) =>
  app.send(
    new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes: emailIs(email) }),
  )
const confirm = (Username: string, ForceAliasCreation?: boolean) =>
  app.send(
    new ConfirmSignUpCommand({
      ClientId,
      Username,
      ConfirmationCode: codeOf(Username),
      ...(ForceAliasCreation !== undefined && { ForceAliasCreation }),
    }),
  )
const tokensOf = async (USERNAME: string) => {
  const { AuthenticationResult } = await app.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    }),
  )
  return AuthenticationResult
}
const nameBehind = async (email: string) =>
  claimsOf((await tokensOf(email))?.IdToken)['cognito:username']

describe('an e-mail address that people sign in with belongs to one user', () => {
  it('a sign-up with an address that is taken is accepted, and its confirmation is refused', async () => {
    await signUp('carol-1', 'ADA@example.com')
    await expect(confirm('carol-1')).rejects.toMatchObject(TAKEN)
    expect(await nameBehind(emailOf('ada'))).toBe('ada')
  })

  it('of two sign-ups with one address the first that is confirmed has it', async () => {
    await signUp('carol-2', 'shared@example.com')
    await signUp('dave', 'shared@example.com')
    await confirm('dave')
    await expect(confirm('carol-2')).rejects.toMatchObject(TAKEN)
    expect(await nameBehind('shared@example.com')).toBe('dave')
  })

  it('ForceAliasCreation moves the address to the new user, and the previous one has it unverified', async () => {
    await signUp('carol-3', emailOf('eve'))
    await confirm('carol-3', true)
    expect(await nameBehind(emailOf('eve'))).toBe('carol-3')
    const { UserAttributes } = await admin.send(
      new AdminGetUserCommand({ ...pool, Username: 'eve' }),
    )
    expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'false' })
  })

  it('an administrator cannot give it to a second user, but may move it while creating a user', async () => {
    const UserAttributes = [...emailIs(emailOf('ida')), ...verified]
    const update = { ...pool, Username: 'bob', UserAttributes }
    await expect(admin.send(new AdminUpdateUserAttributesCommand(update))).rejects.toMatchObject(
      TAKEN,
    )
    const create = { ...pool, Username: 'carol-4', UserAttributes }
    await expect(admin.send(new AdminCreateUserCommand(create))).rejects.toMatchObject(TAKEN)
    await admin.send(new AdminCreateUserCommand({ ...create, ForceAliasCreation: true }))
    await expect(nameBehind(emailOf('ida'))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    })
  })

  it('an administrator may set an unverified address, which does not work for sign-in', async () => {
    const unverified = { ...pool, Username: 'bob', UserAttributes: emailIs(emailOf('mia')) }
    await admin.send(new AdminUpdateUserAttributesCommand(unverified))
    expect(await nameBehind(emailOf('mia'))).toBe('mia')
  })

  it('a user cannot take the address of another one', async () => {
    const AccessToken = (await tokensOf('ben'))?.AccessToken
    const change = new UpdateUserAttributesCommand({
      AccessToken,
      UserAttributes: emailIs(emailOf('zoe')),
    })
    await expect(app.send(change)).rejects.toMatchObject(TAKEN)
  })

  it('a user cannot verify an address that another one verified in the meantime', async () => {
    const AccessToken = (await tokensOf('ben'))?.AccessToken
    const UserAttributes = emailIs('new@example.com')
    await app.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes }))
    const AttributeName = 'email'
    await app.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName }))
    await signUp('carol-7', 'new@example.com')
    await confirm('carol-7')
    const verify = { AccessToken, AttributeName, Code: codeOf('ben') }
    await expect(app.send(new VerifyUserAttributeCommand(verify))).rejects.toMatchObject(TAKEN)
  })
})
