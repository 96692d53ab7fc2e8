import type { Problems } from './problems.ts'
import type { Reading, Resource } from './reading.ts'
import { isDictionary, memberOf, textIn, Unresolved, type Dictionary } from './values.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']
export const ANY = 'x-amazon-apigateway-any-method'

/** The operations of a document. An operation that is not understood would be a missing route, and another route would get its calls. */
export function operationsOf(
  { problems }: Pick<Reading, 'problems'>,
  { logicalId }: { logicalId: string },
  document: Dictionary,
): { path: string; method: string; operation: unknown }[] {
  const items = objectOf(memberOf(document, 'paths') ?? {}, 'paths', problems, logicalId)
  return Object.entries(items)
    .filter(([path]) => !path.startsWith('x-'))
    .flatMap(([path, given]) => {
      const item = objectOf(given, `paths['${path}']`, problems, logicalId)
      return Object.entries(item).flatMap(([method, operation]) => {
        if (method === ANY || METHODS.includes(method)) {
          objectOf(operation, `paths['${path}'].${method}`, problems, logicalId)
          return [{ path, method, operation }]
        }
        if (!NOT_A_METHOD.includes(method) && !method.startsWith('x-')) {
          const place = `paths['${path}'].${method}, which is not a method in lower case`
          problems.refuse(logicalId, `its OpenAPI document has ${place}`)
        }
        return []
      })
    })
}

/** The members of a path that are not methods; API Gateway does not have TRACE. */
const NOT_A_METHOD = ['parameters', 'summary', 'description', 'servers', 'trace']

/** An object of a document; an empty one, and a problem, for anything else. */
function objectOf(value: unknown, path: string, problems: Problems, logicalId: string): Dictionary {
  if (isDictionary(value)) return value
  const why = value instanceof Unresolved ? value.reason : 'it must be an object'
  problems.refuse(logicalId, `${path} of its OpenAPI document is not known: ${why}`)
  return {}
}

/** Refuses an API whose routes are somewhere else. */
export function refuseElsewhere(
  { problems }: Pick<Reading, 'problems'>,
  { logicalId, properties }: Resource,
): void {
  const other = ['BodyS3Location', 'CloneFrom'].find((name) => properties[name] !== undefined)
  if (other !== undefined) problems.refuse(logicalId, `its routes are on AWS only (${other})`)
}

/** The extension that has IAM decide. */
export const BY_EXTENSION = 'x-amazon-apigateway-auth'

/** A security requirement that is not understood: it would count as none, and open the operation. */
export function securityFault(value: unknown): string | undefined {
  const security = memberOf(value, 'security')
  const isList = Array.isArray(security) && security.every(isDictionary)
  if (security !== undefined && !isList) {
    return `its security is ${JSON.stringify(security)}, which is not a list of objects`
  }
  const auth = memberOf(value, BY_EXTENSION)
  if (auth === undefined || AUTH_KINDS.test(textIn(auth, 'type') ?? '')) return undefined
  return `its ${BY_EXTENSION} is ${JSON.stringify(auth)}, which is not known here`
}

const AUTH_KINDS = /^(AWS_IAM|NONE|CUSTOM|COGNITO_USER_POOLS)$/i
