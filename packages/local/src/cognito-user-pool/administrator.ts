import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import { refuse, textOf } from '../aws-json/service-error.ts'
import type { SignedOperation } from '../iam/signed-operation.ts'

/** Creates an operation of the user pool that runs for an administrator alone. */
export type AdministratorOperation = (
  name: string,
  run: (input: Record<string, unknown>) => unknown,
) => Operation

/**
 * Guards the operations of one user pool: they are taken with a SigV4 signature for `cognito-idp` by credentials
 * whose policy allows the action on this pool, and refused without one.
 *
 * @see [AWS: actions of user pools](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html)
 */
export function administratorOperations(
  { region, accountId, userPoolId }: Ids,
  signed: SignedOperation,
): AdministratorOperation {
  return (name, run) =>
    signed('cognito-idp', (input, permit) => {
      permit(
        `cognito-idp:${name}`,
        `arn:aws:cognito-idp:${region}:${accountId}:userpool/${userPoolId}`,
      )
      const pool = textOf(input, 'UserPoolId')
      if (pool !== userPoolId) {
        throw refuse('ResourceNotFoundException', `User pool ${pool} does not exist.`)
      }
      return run(input)
    })
}
