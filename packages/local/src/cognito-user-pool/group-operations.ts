import type { AdministratorOperation } from './administrator.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import { refuse, textOf } from '../aws-json/service-error.ts'
import { describeUser, namedUser, pageOf } from './user-administration.ts'
import type { Directory, Group } from './users.ts'

/** What the operations need. */
export interface GroupOperations {
  ids: Ids
  directory: Directory
  administrator: AdministratorOperation
  /** When the groups were created, in milliseconds since the epoch. */
  madeAt: number
}

/**
 * The operations of administrators on groups: listing groups and their users, and moving users.
 *
 * All groups of one user come in one page.
 *
 * @see [AWS: AdminListGroupsForUser](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html)
 */
export function groupOperations(options: GroupOperations): Record<string, Operation> {
  const { ids, directory, administrator, madeAt } = options
  const describe = ({ name, precedence, role }: Group): Record<string, unknown> => ({
    GroupName: name,
    UserPoolId: ids.userPoolId,
    ...(role && { RoleArn: role.arn }),
    ...(precedence !== undefined && { Precedence: precedence }),
    CreationDate: madeAt / 1_000,
    LastModifiedDate: madeAt / 1_000,
  })
  return {
    AdminListGroupsForUser: administrator('AdminListGroupsForUser', (input) => {
      return { Groups: namedUser(directory, input).groups.map(describe) }
    }),
    ListGroups: administrator('ListGroups', (input) => {
      const { page, next } = pageOf(directory.groups().map(describe), input, 'Limit', 'NextToken')
      return { Groups: page, ...next }
    }),
    GetGroup: administrator('GetGroup', (input) => ({
      Group: describe(namedGroup(directory, input)),
    })),
    ListUsersInGroup: administrator('ListUsersInGroup', (input) => {
      const group = namedGroup(directory, input)
      const users = directory.all().filter(({ groups }) => isIn(groups, group))
      const { page, next } = pageOf(
        users.map((user) => describeUser(user)),
        input,
        'Limit',
        'NextToken',
      )
      return { Users: page, ...next }
    }),
    AdminAddUserToGroup: administrator('AdminAddUserToGroup', (input) => {
      const group = namedGroup(directory, input)
      const { username, groups } = namedUser(directory, input)
      if (!isIn(groups, group)) directory.move(username, [...namesOf(groups), group.name])
      return {}
    }),
    AdminRemoveUserFromGroup: administrator('AdminRemoveUserFromGroup', (input) => {
      const group = namedGroup(directory, input)
      const { username, groups } = namedUser(directory, input)
      directory.move(
        username,
        namesOf(groups).filter((name) => name !== group.name),
      )
      return {}
    }),
  }
}

function namedGroup(directory: Directory, input: Record<string, unknown>): Group {
  const name = textOf(input, 'GroupName')
  const group = directory.groups().find((candidate) => candidate.name === name)
  if (group) return group
  throw refuse('ResourceNotFoundException', 'Group not found.')
}

const isIn = (groups: readonly Group[], { name }: Group): boolean =>
  groups.some((group) => group.name === name)

const namesOf = (groups: readonly Group[]): string[] => groups.map(({ name }) => name)
