import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminResetUserPasswordCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
  ForgotPasswordCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ListGroupsCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack, type SentCode } from '../src/index.ts'
import { claimsOf, cognitoClient } from './support/cognito-client.ts'
import { srpClient } from './support/srp-client.ts'

const policy = { Statement: { Effect: 'Deny', Action: '*', Resource: '*' } } as const
const PASSWORD = 'Correct-horse-1'
const NEW_PASSWORD = 'Battery-staple-2'

const sent: SentCode[] = []
let stack: LocalStack
let admin: CognitoIdentityProviderClient
let app: CognitoIdentityProviderClient
let pool: { UserPoolId: string }
let ClientId: string
beforeAll(async () => {
  stack = await startLocalStack(
    {
      groups: { Readers: { precedence: 2, policy }, Writers: { precedence: 1, policy } },
      users: {
        alice: { groups: ['Readers'], password: PASSWORD, email: 'Alice@Example.com' },
        bob: { password: PASSWORD },
      },
      roles: { nobody: { policy } },
      userPool: { signInAliases: ['email'] },
    },
    { onCode: (code) => void sent.push(code) },
  )
  admin = cognitoClient(stack, stack.admin)
  app = cognitoClient(stack)
  pool = { UserPoolId: stack.config.userPoolId }
  ClientId = stack.config.userPoolClientId
})
afterAll(() => stack.stop())

const lastCode = (kind: SentCode['kind'], username: string): string => {
  const found = sent.findLast((one) => one.kind === kind && one.username === username)
  expect(found).toBeDefined()
  return found?.code ?? ''
}
const signIn = (USERNAME: string, given = PASSWORD) =>
  app.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: given },
    }),
  )
async function srpSignIn(USERNAME: string) {
  const client = srpClient()
  const { ChallengeParameters = {} } = await app.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME, SRP_A: client.A },
    }),
  )
  const poolName = pool.UserPoolId.split('_')[1] ?? ''
  const { AuthenticationResult } = await app.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: client.respond(ChallengeParameters, { poolName, password: PASSWORD }),
    }),
  )
  return AuthenticationResult
}
const adminSignIn = (USERNAME: string, given = PASSWORD) =>
  admin.send(
    new AdminInitiateAuthCommand({
      ...pool,
      ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: given },
    }),
  )
const getUser = (Username: string) => admin.send(new AdminGetUserCommand({ ...pool, Username }))
const usernames = (users: { Username?: string | undefined }[] | undefined) =>
  users?.map((user) => user.Username)

/** Creates a user who can sign in with PASSWORD. */
async function confirmed(Username: string, email?: string): Promise<void> {
  const UserAttributes =
    email === undefined
      ? []
      : [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
        ]
  await admin.send(
    new AdminCreateUserCommand({ ...pool, Username, UserAttributes, MessageAction: 'SUPPRESS' }),
  )
  const set = { ...pool, Username, Password: PASSWORD, Permanent: true }
  await admin.send(new AdminSetUserPasswordCommand(set))
}

describe('administrators', () => {
  it('get tokens of a user with AdminInitiateAuth, as CI scripts do', async () => {
    const { AuthenticationResult } = await adminSignIn('alice')
    expect(claimsOf(AuthenticationResult?.IdToken)['cognito:groups']).toEqual(['Readers'])
    await expect(adminSignIn('alice', 'wrong')).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
  })

  it('create a user who has to set a new password at the first sign-in', async () => {
    const email = 'carol@example.com'
    const { User } = await admin.send(
      new AdminCreateUserCommand({
        ...pool,
        Username: 'carol',
        UserAttributes: [{ Name: 'email', Value: email }],
      }),
    )
    expect(User).toMatchObject({
      Username: 'carol',
      Enabled: true,
      UserStatus: 'FORCE_CHANGE_PASSWORD',
    })
    const temporary = lastCode('temporary-password', 'carol')
    const { ChallengeName, Session, ChallengeParameters } = await signIn('carol', temporary)
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    expect(JSON.parse(ChallengeParameters?.['userAttributes'] ?? '')).toEqual({ email })
    const respond = (password: string) =>
      app.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: { USERNAME: 'carol', NEW_PASSWORD: password },
        }),
      )
    await expect(respond('short')).rejects.toMatchObject({
      name: 'InvalidPasswordException',
      message: 'Password did not conform with policy: Password not long enough',
    })
    const { AuthenticationResult } = await respond(NEW_PASSWORD)
    expect(claimsOf(AuthenticationResult?.IdToken)['cognito:username']).toBe('carol')
    expect((await getUser('carol')).UserStatus).toBe('CONFIRMED')
    await expect(respond(NEW_PASSWORD)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    expect((await signIn('carol', NEW_PASSWORD)).AuthenticationResult).toBeDefined()
  })

  it('respond to NEW_PASSWORD_REQUIRED for a user', async () => {
    const user = { ...pool, Username: 'cedric' }
    await admin.send(
      new AdminCreateUserCommand({
        ...user,
        TemporaryPassword: PASSWORD,
        MessageAction: 'SUPPRESS',
      }),
    )
    const { Session } = await adminSignIn('cedric')
    const { AuthenticationResult } = await admin.send(
      new AdminRespondToAuthChallengeCommand({
        ...pool,
        ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: 'cedric', NEW_PASSWORD },
      }),
    )
    expect(AuthenticationResult?.AccessToken).toBeDefined()
  })

  it('a user who sets a new password may set attributes with it, but no verified ones', async () => {
    const Username = 'corinna'
    const create = { ...pool, Username, TemporaryPassword: PASSWORD } as const
    await admin.send(new AdminCreateUserCommand({ ...create, MessageAction: 'SUPPRESS' }))
    const respond = async (attributes: Record<string, string>) => {
      const { Session } = await signIn(Username)
      const ChallengeResponses = { USERNAME: Username, NEW_PASSWORD, ...attributes }
      const ChallengeName = 'NEW_PASSWORD_REQUIRED'
      const command = { ClientId, ChallengeName, Session, ChallengeResponses } as const
      return app.send(new RespondToAuthChallengeCommand(command))
    }
    await expect(respond({ 'userAttributes.email_verified': 'true' })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    })
    const { AuthenticationResult } = await respond({ 'userAttributes.given_name': 'Corinna' })
    expect(claimsOf(AuthenticationResult?.IdToken)['given_name']).toBe('Corinna')
  })

  it('refuse a user name that exists', async () => {
    const command = new AdminCreateUserCommand({ ...pool, Username: 'alice' })
    await expect(admin.send(command)).rejects.toMatchObject({ name: 'UsernameExistsException' })
  })

  it('find a user by name, sub and e-mail address in any case', async () => {
    const { sub } = stack.users['alice']!
    for (const name of ['alice', sub, 'alice@example.com', 'ALICE@EXAMPLE.COM']) {
      const user = await getUser(name)
      expect(user.Username).toBe('alice')
      expect(user.UserAttributes).toContainEqual({ Name: 'sub', Value: sub })
    }
    const byGroups = new AdminListGroupsForUserCommand({ ...pool, Username: sub })
    expect((await admin.send(byGroups)).Groups?.map((one) => one.GroupName)).toEqual(['Readers'])
    await expect(getUser('stranger')).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })

  it('list users by page, by filter and with chosen attributes', async () => {
    const first = await admin.send(new ListUsersCommand({ ...pool, Limit: 1 }))
    expect(usernames(first.Users)).toEqual(['alice'])
    const { PaginationToken } = first
    const second = await admin.send(new ListUsersCommand({ ...pool, Limit: 1, PaginationToken }))
    expect(usernames(second.Users)).toEqual(['bob'])
    const filtered = async (Filter: string) =>
      usernames((await admin.send(new ListUsersCommand({ ...pool, Filter }))).Users)
    expect(await filtered('email = "alice@example.com"')).toEqual(['alice'])
    expect(await filtered('username ^= "ali"')).toEqual(['alice'])
    expect(await filtered(`sub = "${stack.users['bob']!.sub}"`)).toEqual(['bob'])
    await expect(filtered('nonsense')).rejects.toMatchObject({ name: 'InvalidParameterException' })
    const AttributesToGet = ['email']
    const { Users } = await admin.send(new ListUsersCommand({ ...pool, AttributesToGet, Limit: 1 }))
    expect(Users?.[0]?.Attributes).toEqual([{ Name: 'email', Value: 'Alice@Example.com' }])
  })

  it('move users between groups, and the next tokens say so', async () => {
    await confirmed('dora')
    const entry = { ...pool, Username: 'dora', GroupName: 'Writers' }
    await admin.send(new AdminAddUserToGroupCommand(entry))
    await admin.send(new AdminAddUserToGroupCommand(entry))
    const inGroup = new ListUsersInGroupCommand({ ...pool, GroupName: 'Writers' })
    expect(usernames((await admin.send(inGroup)).Users)).toEqual(['dora'])
    const groupsNow = async () =>
      claimsOf((await signIn('dora')).AuthenticationResult?.IdToken)['cognito:groups']
    expect(await groupsNow()).toEqual(['Writers'])
    await admin.send(new AdminRemoveUserFromGroupCommand(entry))
    expect(await groupsNow()).toBeUndefined()
    const { Groups } = await admin.send(new ListGroupsCommand(pool))
    expect(Groups?.map((one) => one.GroupName)).toEqual(['Readers', 'Writers'])
    const wrong = new AdminAddUserToGroupCommand({ ...entry, GroupName: 'Nobody' })
    await expect(admin.send(wrong)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('sign a user out everywhere', async () => {
    await confirmed('eric')
    const { AuthenticationResult } = await signIn('eric')
    await admin.send(new AdminUserGlobalSignOutCommand({ ...pool, Username: 'eric' }))
    const RefreshToken = AuthenticationResult?.RefreshToken
    await expect(
      app.send(new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken })),
    ).rejects.toMatchObject({ message: 'Refresh Token has been revoked' })
  })

  it('create a temporary password that works for seven days, and send another one to invited users', async () => {
    const TemporaryPassword = 'Temporary-pass-1'
    const create = { ...pool, Username: 'tom', TemporaryPassword }
    await admin.send(new AdminCreateUserCommand(create))
    stack.faults.shiftClock(7 * 86_400_000 - 1_000)
    expect((await signIn('tom', TemporaryPassword)).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    stack.faults.shiftClock(1_000)
    await expect(signIn('tom', TemporaryPassword)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Temporary password has expired and must be reset by an administrator.',
    })
    await expect(signIn('tom', 'Wrong-password-1')).rejects.toMatchObject({
      message: 'Incorrect username or password.',
    })
    stack.faults.shiftClock(-7 * 86_400_000)
    await admin.send(new AdminCreateUserCommand({ ...create, MessageAction: 'RESEND' }))
    expect((await signIn('tom', TemporaryPassword)).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
  })

  it('disable, enable and delete a user', async () => {
    await confirmed('fred')
    const user = { ...pool, Username: 'fred' }
    await admin.send(new AdminDisableUserCommand(user))
    await expect(signIn('fred')).rejects.toMatchObject({ message: 'User is disabled.' })
    await admin.send(new AdminEnableUserCommand(user))
    const AccessToken = (await signIn('fred')).AuthenticationResult?.AccessToken
    await admin.send(new AdminDeleteUserCommand(user))
    await expect(app.send(new GetUserCommand({ AccessToken }))).rejects.toMatchObject({
      message: 'Access Token has been revoked',
    })
    await expect(signIn('fred')).rejects.toMatchObject({
      message: 'Incorrect username or password.',
    })
  })

  it('set a password that has to be changed, and reset one by a code', async () => {
    await confirmed('gina', 'gina@example.com')
    const user = { ...pool, Username: 'gina' }
    await admin.send(new AdminSetUserPasswordCommand({ ...user, Password: NEW_PASSWORD }))
    expect((await signIn('gina', NEW_PASSWORD)).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    await admin.send(
      new AdminSetUserPasswordCommand({ ...user, Password: NEW_PASSWORD, Permanent: true }),
    )
    await admin.send(new AdminResetUserPasswordCommand(user))
    await expect(signIn('gina', NEW_PASSWORD)).rejects.toMatchObject({
      name: 'PasswordResetRequiredException',
    })
    const ConfirmationCode = lastCode('reset-password', 'gina')
    const confirm = { ClientId, Username: 'gina', ConfirmationCode, Password: PASSWORD }
    await app.send(new ConfirmForgotPasswordCommand(confirm))
    expect((await signIn('gina')).AuthenticationResult).toBeDefined()
  })

  it('describe the user pool', async () => {
    const { UserPool } = await admin.send(new DescribeUserPoolCommand(pool))
    expect(UserPool).toMatchObject({
      Id: pool.UserPoolId,
      Arn: `arn:aws:cognito-idp:eu-central-1:123456789012:userpool/${pool.UserPoolId}`,
      AliasAttributes: ['email'],
      Policies: { PasswordPolicy: { MinimumLength: 8 } },
    })
  })

  it('are known by their signature and policy: others may not', async () => {
    const unprivileged = cognitoClient(stack, stack.roles['nobody'])
    await expect(unprivileged.send(new ListUsersCommand(pool))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    })
    const forged = cognitoClient(stack)
    await expect(forged.send(new ListUsersCommand(pool))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
  })
})

describe('users themselves', () => {
  const signUp = (Username: string, Password = PASSWORD, email = `${Username}@example.com`) =>
    app.send(
      new SignUpCommand({
        ClientId,
        Username,
        Password,
        UserAttributes: [{ Name: 'email', Value: email }],
      }),
    )

  it('sign up, confirm with the code that the stack hands out, and sign in', async () => {
    const { UserConfirmed, UserSub, CodeDeliveryDetails } = await signUp('hugo')
    expect(UserConfirmed).toBe(false)
    expect(UserSub).toMatch(/^[\da-f-]{36}$/)
    expect(CodeDeliveryDetails).toMatchObject({ Destination: 'h***@e***', DeliveryMedium: 'EMAIL' })
    await expect(signIn('hugo')).rejects.toMatchObject({ name: 'UserNotConfirmedException' })
    const confirm = (ConfirmationCode: string) =>
      app.send(new ConfirmSignUpCommand({ ClientId, Username: 'hugo', ConfirmationCode }))
    const right = lastCode('confirm-sign-up', 'hugo')
    const wrong = right === '000000' ? '000001' : '000000'
    await expect(confirm(wrong)).rejects.toMatchObject({ name: 'CodeMismatchException' })
    await confirm(right)
    const { AuthenticationResult } = await signIn('hugo')
    expect(claimsOf(AuthenticationResult?.IdToken)).toMatchObject({
      email: 'hugo@example.com',
      email_verified: true,
    })
    await expect(confirm(right)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('cannot guess a code: after five wrong ones the right one does not work', async () => {
    await signUp('ines')
    const right = lastCode('confirm-sign-up', 'ines')
    const confirm = (ConfirmationCode: string) =>
      app.send(new ConfirmSignUpCommand({ ClientId, Username: 'ines', ConfirmationCode }))
    for (let i = 0; i < 5; i++)
      await expect(confirm('x')).rejects.toMatchObject({ name: 'CodeMismatchException' })
    await expect(confirm(right)).rejects.toMatchObject({ name: 'LimitExceededException' })
  })

  it('cannot sign up with a name that is taken, a weak password, or a verified address', async () => {
    await expect(signUp('alice')).rejects.toMatchObject({ name: 'UsernameExistsException' })
    await expect(signUp(stack.users['alice']!.sub)).rejects.toMatchObject({
      name: 'UsernameExistsException',
    })
    await expect(signUp('new@example.com', PASSWORD, 'new@example.com')).rejects.toMatchObject({
      message: 'Username cannot be of email format, since user pool is configured for email alias.',
    })
    await expect(signUp('weak', 'alllowercase1-')).rejects.toMatchObject({
      message: 'Password did not conform with policy: Password must have uppercase characters',
    })
    const phoneless = { ClientId, Username: 'phoneless', Password: PASSWORD }
    const withPhone = (Value: string) =>
      app.send(
        new SignUpCommand({ ...phoneless, UserAttributes: [{ Name: 'phone_number', Value }] }),
      )
    for (const number of ['555', '004912345', '+49 12345', '+']) {
      await expect(withPhone(number)).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'Invalid phone number format.',
      })
    }
    await expect(withPhone('+4912345')).resolves.toBeDefined()
    const UserAttributes = [{ Name: 'email_verified', Value: 'true' }]
    const command = new SignUpCommand({
      ClientId,
      Username: 'sly',
      Password: PASSWORD,
      UserAttributes,
    })
    await expect(app.send(command)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('reset a forgotten password with a code', async () => {
    await confirmed('jane', 'jane@example.com')
    await app.send(new ForgotPasswordCommand({ ClientId, Username: 'JANE@example.com' }))
    const ConfirmationCode = lastCode('reset-password', 'jane')
    const confirm = { ClientId, Username: 'jane', ConfirmationCode, Password: NEW_PASSWORD }
    await app.send(new ConfirmForgotPasswordCommand(confirm))
    await expect(signIn('jane')).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    expect((await signIn('jane', NEW_PASSWORD)).AuthenticationResult).toBeDefined()
    await expect(app.send(new ConfirmForgotPasswordCommand(confirm))).rejects.toMatchObject({
      name: 'ExpiredCodeException',
    })
  })

  it('a forgotten password of a stranger is answered as that of a user, and no code is sent', async () => {
    const before = sent.length
    const answer = await app.send(new ForgotPasswordCommand({ ClientId, Username: 'stranger' }))
    expect(answer.CodeDeliveryDetails).toMatchObject({ DeliveryMedium: 'EMAIL' })
    expect(sent.length).toBe(before)
  })

  it('change the password with an access token', async () => {
    await confirmed('kim')
    const AccessToken = (await signIn('kim')).AuthenticationResult?.AccessToken
    const change = (PreviousPassword: string) =>
      app.send(
        new ChangePasswordCommand({
          AccessToken,
          PreviousPassword,
          ProposedPassword: NEW_PASSWORD,
        }),
      )
    await expect(change('wrong')).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    await change(PASSWORD)
    expect((await signIn('kim', NEW_PASSWORD)).AuthenticationResult).toBeDefined()
  })

  it('change attributes, and verify a new e-mail address with a code', async () => {
    await confirmed('lea', 'lea@example.com')
    const AccessToken = (await signIn('lea')).AuthenticationResult?.AccessToken
    const attributes = async () => {
      const { UserAttributes = [] } = await app.send(new GetUserCommand({ AccessToken }))
      return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]))
    }
    const UserAttributes = [
      { Name: 'email', Value: 'new@example.com' },
      { Name: 'custom:tenant', Value: 'a' },
    ]
    const { CodeDeliveryDetailsList } = await app.send(
      new UpdateUserAttributesCommand({ AccessToken, UserAttributes }),
    )
    expect(CodeDeliveryDetailsList).toHaveLength(1)
    expect(await attributes()).toMatchObject({ email_verified: 'false', 'custom:tenant': 'a' })
    const Code = lastCode('verify-email', 'lea')
    await app.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }))
    expect(await attributes()).toMatchObject({ email: 'new@example.com', email_verified: 'true' })
  })

  it('sign in with the e-mail address in any case, by password and by SRP', async () => {
    const { AuthenticationResult } = await signIn('aLiCe@eXample.com')
    expect(claimsOf(AuthenticationResult?.IdToken)['cognito:username']).toBe('alice')
    const srp = await srpSignIn('aLiCe@eXample.com')
    expect(claimsOf(srp?.IdToken)['cognito:username']).toBe('alice')
  })
})

it('without signInAliases an e-mail address is not a user name, and without selfSignUp sign-up is refused', async () => {
  const strict = await startLocalStack({
    users: { alice: { password: PASSWORD, email: 'alice@example.com' } },
    userPool: { selfSignUp: false },
  })
  try {
    const client = cognitoClient(strict)
    const id = strict.config.userPoolClientId
    const AuthParameters = { USERNAME: 'alice@example.com', PASSWORD }
    const command = { ClientId: id, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters } as const
    await expect(client.send(new InitiateAuthCommand(command))).rejects.toMatchObject({
      message: 'Incorrect username or password.',
    })
    const signUp = new SignUpCommand({ ClientId: id, Username: 'new', Password: PASSWORD })
    await expect(client.send(signUp)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'SignUp is not permitted for this user pool',
    })
  } finally {
    await strict.stop()
  }
})

it('an operation that is not supported says so in its message, with those that are', async () => {
  await expect(admin.send(new CreateUserPoolCommand({ PoolName: 'x' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringMatching(
      /^The local stack does not support the operation CreateUserPool of AWSCognitoIdentityProviderService\. It supports .*AdminCreateUser, .*SignUp/,
    ),
  })
})
