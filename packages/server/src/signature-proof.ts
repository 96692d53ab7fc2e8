import type { CognitoLogins, ProvenSignature } from './evidence.ts'
import { ownObject, ownValue } from './own-property.ts'
import { readText } from './text.ts'

/** The principal in `authorizer.iam` of an HTTP API or a function URL; none if it names no ARN. */
export function signatureOfHttp(iam: object, domainName: unknown): ProvenSignature[] {
  const arn = arnOf(ownValue(iam, 'userArn'))
  if (arn === undefined) return []
  const isFunctionUrl = typeof domainName === 'string' && domainName.includes('.lambda-url.')
  const shape = isFunctionUrl ? 'function-url-iam' : 'http-iam'
  const cognito = ownObject(iam, 'cognitoIdentity')
  if (!cognito) return [{ by: 'signature', shape, arn }]
  const [type, ...logins] = entriesOf(ownValue(cognito, 'amr'))
  const identityId = ownValue(cognito, 'identityId')
  const identityPoolId = ownValue(cognito, 'identityPoolId')
  const identity = { identityId, identityPoolId, type, logins }
  return [{ by: 'signature', shape, arn, cognito: identity }]
}

/** The principal in `requestContext.identity` of a REST or WebSocket API, or of an HTTP API with payload format 1.0. */
export function signatureOfRest(identity: object, version: unknown): ProvenSignature[] {
  const arn = arnOf(ownValue(identity, 'userArn'))
  if (arn === undefined) return []
  const shape = version === undefined ? 'rest-iam' : 'http-iam-1.0'
  const [identityId, identityPoolId, type, provider, amr] = COGNITO_FIELDS.map((name) =>
    ownValue(identity, name),
  )
  const isCognito = [identityId, identityPoolId, type, provider, amr].some(Boolean)
  if (!isCognito) return [{ by: 'signature', shape, arn }]
  const cognito = { identityId, identityPoolId, ...loginsOf(type, provider, amr) }
  return [{ by: 'signature', shape, arn, cognito }]
}

const COGNITO_FIELDS = [
  'cognitoIdentityId',
  'cognitoIdentityPoolId',
  'cognitoAuthenticationType',
  'cognitoAuthenticationProvider',
  'cognitoAmr',
]

/**
 * A REST API has the logins in `cognitoAuthenticationProvider`. Payload format 1.0 of an HTTP API has `cognitoAmr` next to it,
 * with the type in front; which of the two AWS fills is unverified (aws/aws-lambda-java-libs#444). If both are there, both
 * have to name the same user.
 */
function loginsOf(
  type: unknown,
  provider: unknown,
  amr: unknown,
): Pick<CognitoLogins, 'type' | 'logins'> {
  const logins = splitLogins(provider)
  const [typeOfAmr, ...loginsOfAmr] = entriesOf(amr)
  if (typeOfAmr === undefined) return { type, logins }
  if (type && type !== typeOfAmr) return { type: undefined, logins: [] }
  return { type: typeOfAmr, logins: [...new Set([...logins, ...loginsOfAmr])] }
}

const entriesOf = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : [])

/** A text of more than 4,096 characters stays whole; as one login it names no user. */
function splitLogins(provider: unknown): readonly unknown[] {
  if (provider === null || provider === undefined || provider === '') return []
  return typeof provider === 'string' && provider.length <= 4_096 ? provider.split(',') : [provider]
}

/** Emulators and sample events fill `userArn` with text that is not an ARN: it names no principal. */
function arnOf(value: unknown): string | undefined {
  const arn = readText(value)
  return arn?.startsWith('arn:') ? arn : undefined
}
