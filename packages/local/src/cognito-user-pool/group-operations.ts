import type { AdministratorOperation } from './administrator.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import { refuse, textOf } from '../aws-json/service-error.ts'
import type { Directory } from './users.ts'

/** What the operations need. */
export interface GroupOperations {
  ids: Ids
  directory: Pick<Directory, 'find'>
  administrator: AdministratorOperation
  /** When the groups were made, in milliseconds since the epoch. */
  madeAt: number
}

/**
 * What an administrator, or a function that acts for a user who is not there, asks about a user's groups.
 *
 * All groups come in one page: the local stack gives no `NextToken`.
 *
 * @see [AWS: AdminListGroupsForUser](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html)
 */
export function groupOperations(options: GroupOperations): Record<string, Operation> {
  const { ids, directory, administrator, madeAt } = options
  return {
    AdminListGroupsForUser: administrator('AdminListGroupsForUser', (input) => {
      const user = directory.find(textOf(input, 'Username') ?? '')
      if (!user) throw refuse('UserNotFoundException', 'User does not exist.')
      return {
        Groups: user.groups.map(({ name, precedence, role }) => ({
          GroupName: name,
          UserPoolId: ids.userPoolId,
          RoleArn: role.arn,
          ...(precedence !== undefined && { Precedence: precedence }),
          CreationDate: madeAt / 1_000,
          LastModifiedDate: madeAt / 1_000,
        })),
      }
    }),
  }
}
