/** The accounts of a caller and of what it called, as far as a denial tells them. */
export type Accounts =
  | { relation: 'unknown' }
  /** `masked` if the response shows only the last four digits of the resource's account, which are the caller's. */
  | { relation: 'same'; caller: string; masked: boolean }
  | { relation: 'different'; caller: string; resource: string }

/**
 * Compares the account of a principal with that of a resource. Gateways hide all but four digits of the resource's account.
 *
 * @param principal  An ARN, `anonymous` or the name of an AWS service.
 * @param resource   An ARN. S3's have no account.
 */
export function accountsOf(principal: string, resource: string | undefined): Accounts {
  const caller = accountIn(principal)
  const owner = accountIn(resource ?? '')
  if (!caller || !owner || caller.startsWith('*')) return { relation: 'unknown' }
  if (owner === caller) return { relation: 'same', caller, masked: false }
  const isMasked = owner.startsWith('*')
  if (isMasked && owner.slice(-4) === caller.slice(-4)) {
    return { relation: 'same', caller, masked: true }
  }
  const shown = isMasked ? `an account that ends in ${owner.slice(-4)}` : `account ${owner}`
  return { relation: 'different', caller, resource: shown }
}

/** The account in an ARN: twelve digits, or eight asterisks and four digits. */
const accountIn = (arn: string): string | undefined =>
  /^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|\*{8}\d{4}):/.exec(arn)?.[1]
