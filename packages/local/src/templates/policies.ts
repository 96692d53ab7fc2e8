import { checkPolicy, type PolicyDocument, type PolicyKind } from '@iamfetch/policy'
import type { Problems } from './problems.ts'
import {
  isDictionary,
  listIn,
  memberOf,
  textIn,
  Unresolved,
  unresolvedIn,
  type Dictionary,
} from './values.ts'

/** The services whose decisions the local stack makes. What a role may do at other services is not evaluated here. */
const SERVICES = ['execute-api', 'secretsmanager', 'cognito-idp', 'cognito-identity', 'sts']

/** What reading a policy needs. */
interface PolicyReading {
  problems: Problems
  /** Whether functions are called by their URLs, so that what a role may do with them is decided here. */
  decidesFunctions: boolean
}

/**
 * The condition keys that a request to the local stack has. A condition on another key would be decided differently here
 * than on AWS.
 */
const CONDITION_KEYS =
  /^(aws:(SourceIp|UserAgent|Referer|SecureTransport|CurrentTime|TokenIssueTime|EpochTime|RequestedRegion|userid|PrincipalArn|PrincipalAccount|PrincipalType|PrincipalIsAWSService|ViaAWSService|FederatedProvider|PrincipalTag\/.+)|cognito-identity\.amazonaws\.com:(aud|amr|sub)|lambda:(FunctionUrlAuthType|InvokedViaFunctionUrl))$/i

/** A policy of the template, and where it is. */
export interface PlacedPolicy {
  logicalId: string
  /** For messages: `the policy "CallTheApi"`. */
  what: string
  document: unknown
}

/**
 * Merges the policies of a role into one document, with what the local stack decides about.
 *
 * Policies that cannot be evaluated as on AWS are problems of their resources.
 */
export function mergePolicies(
  policies: readonly PlacedPolicy[],
  reading: PolicyReading,
): PolicyDocument | undefined {
  const statements: Dictionary[] = []
  for (const placed of policies) statements.push(...statementsOf(placed, 'identity', reading))
  if (statements.length === 0) return undefined
  // A Sid is unique in one document, and these come from several.
  const Statement = statements.map(withoutSid)
  const document: unknown = { Version: '2012-10-17', Statement }
  return isSound(document) ? document : undefined
}

/** Reads a single policy: a trust policy or a resource policy. */
export function readPolicy(
  placed: PlacedPolicy,
  kind: PolicyKind,
  problems: Problems,
): PolicyDocument | undefined {
  const Statement = statementsOf(placed, kind, { problems, decidesFunctions: true })
  if (Statement.length === 0) return undefined
  // Each was checked separately; only Sids could still conflict, and they decide nothing.
  const document: unknown = { Version: '2012-10-17', Statement }
  if (isSound(document, kind)) return document
  const without: unknown = { Version: '2012-10-17', Statement: Statement.map(withoutSid) }
  return isSound(without, kind) ? without : undefined
}

function isSound(document: unknown, kind: PolicyKind = 'identity'): document is PolicyDocument {
  try {
    checkPolicy(document, { kind })
    return true
  } catch {
    return false
  }
}

const withoutSid = (statement: Dictionary): Dictionary =>
  Object.fromEntries(Object.entries(statement).filter(([name]) => name !== 'Sid'))

/** @returns The statements that are understood. The others are problems. */
function statementsOf(
  { logicalId, what, document }: PlacedPolicy,
  kind: PolicyKind,
  { problems, decidesFunctions }: PolicyReading,
): Dictionary[] {
  const version = textIn(document, 'Version')
  const understood: Dictionary[] = []
  const statements = document instanceof Unresolved ? [document] : listIn(document, 'Statement')
  // A Deny that is misspelt away would be an Allow of more.
  if (statements.length === 0) problems.refuse(logicalId, `${what} has no statement`)
  for (const statement of statements) {
    if (!isDictionary(statement)) {
      const why = unresolvedIn(statement)?.reason ?? 'a statement must be an object'
      problems.refuse(logicalId, `${what} cannot be evaluated: ${why}`)
      continue
    }
    if (kind === 'identity' && !concernsTheStack(statement, decidesFunctions)) continue
    const fault = faultOf(statement, { version, kind })
    if (fault === undefined) understood.push(statement)
    else problems.refuse(logicalId, `${what} ${fault}`)
  }
  return understood
}

/** Whether a statement is about a service of the local stack. */
const concernsTheStack = (statement: Dictionary, decidesFunctions: boolean): boolean =>
  statement['NotAction'] !== undefined ||
  listIn(statement, 'Action').some((action) => {
    // One that is not known may be about any service.
    if (typeof action !== 'string') return true
    const [service = ''] = action.toLowerCase().split(':')
    const isFunction = decidesFunctions && service === 'lambda'
    return isFunction || SERVICES.includes(service) || /[*?]/.test(service)
  })

function faultOf(
  statement: Dictionary,
  { version, kind }: { version: string | undefined; kind: PolicyKind },
): string | undefined {
  const unknown = unresolvedIn(statement)
  if (unknown) return `cannot be evaluated: ${unknown.reason}`
  const condition = memberOf(statement, 'Condition')
  for (const keys of isDictionary(condition) ? Object.values(condition) : []) {
    const key = Object.keys(isDictionary(keys) ? keys : {}).find(
      (name) => !CONDITION_KEYS.test(name),
    )
    if (key !== undefined) return `has the condition key "${key}", which requests here do not have`
  }
  const text = JSON.stringify(statement)
  if (version !== '2012-10-17' && text.includes('${')) {
    return `has a policy variable and the Version ${version ?? '(none)'}, in which it is plain text`
  }
  const variable = [...text.matchAll(/\$\{([^}?*$]+?)(?:,[^}]*)?\}/g)]
    .map(([, name = '']) => name.trim())
    .find((name) => !CONDITION_KEYS.test(name))
  if (variable !== undefined)
    return `has the policy variable "${variable}", which requests here do not have`
  try {
    checkPolicy(
      { Version: '2012-10-17', Statement: withoutSid(statement) },
      { kind, path: 'policy' },
    )
    return undefined
  } catch (error) {
    return `is not understood: ${error instanceof Error ? error.message : String(error)}`
  }
}
