import {
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFaults, startLocalStack, type Faults, type LocalStack } from '../src/index.ts'

const READ = 'cognito-idp:AdminListGroupsForUser'
const userPool = 'arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool'
const allowing = (Resource: string) => ({
  policy: { Statement: { Effect: 'Allow', Action: READ, Resource } } as const,
})
const nothing = { policy: { Statement: { Effect: 'Deny', Action: '*', Resource: '*' } } } as const

let faults: Faults
let stack: LocalStack
beforeAll(async () => {
  faults = createFaults()
  stack = await startLocalStack(
    {
      groups: { Readers: { precedence: 2, ...nothing }, Writers: nothing },
      users: { alice: { groups: ['Readers', 'Writers'] }, bob: {} },
      roles: {
        reader: allowing(`${userPool}/USER_POOL_ID`),
        elsewhere: allowing(`${userPool}/eu-central-1_AbCdEfGhI`),
      },
    },
    { faults },
  )
})
afterAll(() => stack.stop())

/** The groups of a user as the AWS SDK reads them. */
async function groupsOf(Username: string, role = 'reader', UserPoolId = stack.config.userPoolId) {
  const client = new CognitoIdentityProviderClient({
    region: stack.config.region,
    endpoint: stack.config.endpoints.cognitoIdp,
    credentials: stack.roles[role]!,
    maxAttempts: 1,
  })
  try {
    return (await client.send(new AdminListGroupsForUserCommand({ UserPoolId, Username }))).Groups
  } finally {
    client.destroy()
  }
}

it('lists a user’s groups of this moment, with their roles', async () => {
  const { userPoolId: UserPoolId } = stack.config
  const RoleArn = 'arn:aws:iam::123456789012:role'
  expect(await groupsOf('alice')).toMatchObject([
    { GroupName: 'Readers', UserPoolId, RoleArn: `${RoleArn}/ReadersRole`, Precedence: 2 },
    { GroupName: 'Writers', UserPoolId, RoleArn: `${RoleArn}/WritersRole` },
  ])
  expect(await groupsOf('bob')).toEqual([])
  faults.setGroups('bob', ['Writers'])
  expect(await groupsOf('bob')).toMatchObject([{ GroupName: 'Writers' }])
})

it('says of a stranger, of another pool and of a role for another pool what is wrong', async () => {
  await expect(groupsOf('mallory')).rejects.toThrow('User does not exist.')
  await expect(groupsOf('alice', 'reader', 'eu-central-1_AbCdEfGhI')).rejects.toThrow(
    'User pool eu-central-1_AbCdEfGhI does not exist.',
  )
  await expect(groupsOf('alice', 'elsewhere')).rejects.toThrow(`not authorized to perform: ${READ}`)
})
