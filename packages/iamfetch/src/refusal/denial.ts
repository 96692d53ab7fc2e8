/** The kind of policy that refused, as AWS names it in its message. */
export type DenyingPolicy =
  | 'identity'
  | 'resource'
  | 'permissions-boundary'
  | 'session'
  | 'service-control'
  | 'resource-control'
  | 'vpc-endpoint'
  | 'role-trust'
  /** The auth policy of a VPC Lattice service. */
  | 'lattice-service'
  /** The auth policy of a VPC Lattice service network. */
  | 'lattice-network'

/** What AWS says in "User: … is not authorized to perform: …". */
export interface Denial {
  /** An ARN, `anonymous`, or the name of an AWS service. */
  principal: string
  action: string
  /** An ARN, `*` or a name. Some services leave it out. */
  resource?: string
  /** Whether a policy's `Deny` refused, not a missing `Allow`. */
  explicit: boolean
  /** Newer messages name the kind of policy. */
  policy?: DenyingPolicy
  /** Some messages of 2025 and later name the policy with the `Deny`. */
  policyArn?: string
}

/**
 * Reads AWS's message about a denied action, in its older and newer wordings.
 *
 * @returns `undefined` for any other text.
 * @see [AWS: access denied error messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
 */
export function readDenial(message: string): Denial | undefined {
  const text = message.slice(0, MAX_LENGTH).replace(/\s+/g, ' ').replace(FORM_OF_SES, USUAL_FORM)
  const [, principal, rest = ''] = BEGINNING.exec(text) ?? []
  if (principal === undefined) return undefined
  const { before, after } = splitAtReason(rest)
  const at = before.indexOf(ON_RESOURCE)
  const action = (at < 0 ? before : before.slice(0, at)).trim()
  if (!ACTION.test(action)) return undefined
  const resource = at < 0 ? '' : unquoted(before.slice(at + ON_RESOURCE.length).trim())
  const policy = POLICIES.find(([phrase]) => after.includes(phrase))?.[1]
  const [, policyArn] = POLICY_ARN.exec(after) ?? []
  return {
    principal,
    action,
    ...(resource && { resource }),
    explicit: after.startsWith(EXPLICIT),
    ...(policy && { policy }),
    ...(policyArn && { policyArn }),
  }
}

/** Longer than any ARN with its sentence; what follows is not part of it. */
const MAX_LENGTH = 8_192

/** What SDKs, the AWS CLI, EC2 and VPC Lattice put in front of the sentence. */
const BEGINNING =
  /^(?:[A-Za-z]+: |554 Access denied: |An error occurred \(\w+\) when calling the \w+ operation: )?(?:You are not authorized to perform this operation\. )?User: (\S+) is not authorized to perform: (.*)$/

/** Amazon SES quotes the names and writes no colons. */
const FORM_OF_SES =
  /\bUser `([^`'\s]+)' is not authorized to perform `([^`'\s]+)' on resource `([^`'\s]+)'/
const USUAL_FORM = 'User: $1 is not authorized to perform: $2 on resource: $3'

const ACTION = /^[\w:*-]+$/

const ON_RESOURCE = ' on resource: '

const EXPLICIT = 'with an explicit deny'

/** Where the reason begins; or, without a reason, what SDKs append. */
const REASONS = [
  EXPLICIT,
  'because ',
  'Encoded authorization failure message',
  '(Service: ',
  'status code: ',
]

function splitAtReason(rest: string): { before: string; after: string } {
  const starts = REASONS.map((reason) => rest.indexOf(` ${reason}`)).filter((start) => start >= 0)
  const start = Math.min(...starts, rest.length)
  return {
    before: rest.slice(0, start).replace(/\.$/, ''),
    after: rest.slice(start).trim(),
  }
}

/** S3 writes its ARNs in quotation marks. */
const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1).replace(/".*$/, '') : text

/** "transitively through" names the policy that decided, so it comes first. */
const POLICIES: readonly (readonly [phrase: string, DenyingPolicy])[] = [
  ['service control policy', 'service-control'],
  ['resource control policy', 'resource-control'],
  ['VPC endpoint policy', 'vpc-endpoint'],
  ['permissions boundary', 'permissions-boundary'],
  ['session policy', 'session'],
  // AWS's page has this form, too.
  ['sessions policy', 'session'],
  ['role trust policy', 'role-trust'],
  ['identity-based policy', 'identity'],
  ['resource-based policy', 'resource'],
  ['network-based policy', 'lattice-network'],
  ['service-based policy', 'lattice-service'],
]

const POLICY_ARN =
  /^with an explicit deny in an? [\w -]{1,40}(?:: |, with policy ARN: )(arn:[^\s,]+?)\.?(?:$|[\s,])/
