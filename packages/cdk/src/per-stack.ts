import { Fn, type Stack } from 'aws-cdk-lib'

/**
 * The UUID in a stack's ID: for names that must be unique in an account over all regions, or over all accounts.
 *
 * It is used as a whole. Its last group is an address of the host that created the stack, which other stacks share.
 *
 * @see [RFC 9562, section 5.1](https://www.rfc-editor.org/rfc/rfc9562#section-5.1)
 */
export const stackUuid = (stack: Stack): string => Fn.select(2, Fn.split('/', stack.stackId))

/** {@link stackUuid} without dashes, for names that must be short. */
export const compactStackUuid = (stack: Stack): string =>
  Fn.join('', Fn.split('-', stackUuid(stack)))
