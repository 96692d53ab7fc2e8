import { refuse } from '../aws-json/service-error.ts'

/** The settings of an app client as an administrator sets and reads them, with defaults filled in. */
export type ClientSettings = Readonly<Record<string, unknown>>

/** What follows from settings. */
export interface ClientRights {
  settings: ClientSettings
  /** As `resource server/scope`; none where the client may not use OAuth. */
  scopes: readonly string[]
  accessTokenSeconds: number
  idTokenSeconds: number
  refreshTokenSeconds: number
  /** How people may sign in by the user pool's operations, without `ALLOW_`: `USER_SRP_AUTH`. */
  authFlows: readonly string[]
  /** Whether it may use the authorization code grant. */
  code: boolean
  callbackUrls: readonly string[]
  logoutUrls: readonly string[]
  /** How long a refresh token that was rotated still works. `undefined` if refresh tokens do not rotate. */
  rotationGraceSeconds: number | undefined
  /** Whether it may use OAuth at all, `AllowedOAuthFlowsUserPoolClient`. */
  oauth: boolean
  /** Whether it may use the client credentials grant. */
  clientCredentials: boolean
  /** Whether it may call `GetClientToken`. */
  clientToken: boolean
}

/**
 * Reads the settings of an app client. Whatever is left out has its default, in an update too: what an update does
 * not say again is lost.
 *
 * @param input      Members of `CreateUserPoolClient` or `UpdateUserPoolClient`. Those that nothing here depends on
 *   are kept as they are.
 * @param known      The scopes of the resource servers.
 * @param hasSecret  Whether the client has one, which machines need.
 * @throws A refusal with Cognito's exception; the texts are unverified, but for that of a scope.
 * @see [AWS: UpdateUserPoolClient](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html)
 */
export function readClientSettings(
  input: ClientSettings,
  known: readonly string[],
  hasSecret: boolean,
): ClientRights {
  const given = Object.entries(input).filter(
    ([name, value]) => !NOT_SETTINGS.has(name) && value !== undefined && value !== null,
  )
  const settings: ClientSettings = { ...DEFAULTS, ...Object.fromEntries(given) }
  const flows = textsIn(settings, 'AllowedOAuthFlows')
  const scopes = textsIn(settings, 'AllowedOAuthScopes')
  const signIns = textsIn(settings, 'ExplicitAuthFlows')
  const oauth = settings['AllowedOAuthFlowsUserPoolClient'] === true
  const machine = flows.includes('client_credentials')
  if (machine && flows.length > 1) {
    throw refuse(
      'InvalidOAuthFlowException',
      'client_credentials flow can not be selected along with code flow or implicit flow.',
    )
  }
  if (machine && !hasSecret) {
    throw refuse(
      'InvalidOAuthFlowException',
      'client_credentials flow can not be selected if client does not have a client secret.',
    )
  }
  const unknown = scopes.find((scope) => !known.includes(scope) && !STANDARD_SCOPES.includes(scope))
  if (unknown !== undefined) {
    throw refuse('ScopeDoesNotExistException', `Invalid scope requested: ${unknown}`)
  }
  if (machine && scopes.some((scope) => STANDARD_SCOPES.includes(scope))) {
    throw invalid('client_credentials takes the scopes of resource servers alone.')
  }
  const alone = signIns.includes('ALLOW_CLIENT_TOKEN_AUTH')
  if (alone && signIns.length > 1) {
    throw invalid('ALLOW_CLIENT_TOKEN_AUTH is the only one of ExplicitAuthFlows.')
  }
  const rights = rightsOf(settings)
  if (rights.code && rights.callbackUrls.length === 0) {
    throw refuse('InvalidOAuthFlowException', 'code flow needs at least one of CallbackURLs.')
  }
  if (rights.rotationGraceSeconds !== undefined && signIns.includes('ALLOW_REFRESH_TOKEN_AUTH')) {
    throw invalid('Refresh token rotation excludes ALLOW_REFRESH_TOKEN_AUTH of ExplicitAuthFlows.')
  }
  return {
    ...rights,
    scopes: oauth ? scopes : [],
    oauth,
    clientCredentials: oauth && machine,
    clientToken: alone,
  }
}

/** What follows from the settings alone, before it is known which scopes the client may request. */
export function rightsOf(
  settings: ClientSettings,
): Omit<ClientRights, 'scopes' | 'oauth' | 'clientCredentials' | 'clientToken'> {
  const explicit = textsIn(settings, 'ExplicitAuthFlows')
  const authFlows = explicit.map((flow) => OLD_FLOWS[flow] ?? flow.replace(/^ALLOW_/, ''))
  const oldNames = explicit.length > 0 && !explicit.some((flow) => flow.startsWith('ALLOW_'))
  const oauth = settings['AllowedOAuthFlowsUserPoolClient'] === true
  return {
    settings,
    accessTokenSeconds: secondsOf(settings, 'AccessToken'),
    idTokenSeconds: secondsOf(settings, 'IdToken'),
    refreshTokenSeconds: secondsOf(settings, 'RefreshToken'),
    authFlows: oldNames ? [...authFlows, 'REFRESH_TOKEN_AUTH'] : authFlows,
    code: oauth && textsIn(settings, 'AllowedOAuthFlows').includes('code'),
    callbackUrls: textsIn(settings, 'CallbackURLs'),
    logoutUrls: textsIn(settings, 'LogoutURLs'),
    rotationGraceSeconds: rotationOf(settings),
  }
}

/** The old names, which cannot be mixed with those that begin with `ALLOW_`. */
const OLD_FLOWS: Readonly<Record<string, string>> = {
  ADMIN_NO_SRP_AUTH: 'ADMIN_USER_PASSWORD_AUTH',
  CUSTOM_AUTH_FLOW_ONLY: 'CUSTOM_AUTH',
}

function rotationOf({ RefreshTokenRotation: value }: ClientSettings): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const rotation: Record<string, unknown> = { ...value }
  if (rotation['Feature'] !== 'ENABLED') return undefined
  const seconds = rotation['RetryGracePeriodSeconds'] ?? 0
  if (Number.isInteger(seconds) && Number(seconds) >= 0 && Number(seconds) <= 60) {
    return Number(seconds)
  }
  throw invalid('RetryGracePeriodSeconds is 0 to 60.')
}

/** The settings of an app client of the definition. */
export const machineSettings = (
  scopes: readonly string[],
  accessTokenSeconds: number,
): ClientSettings => ({
  ...DEFAULTS,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['client_credentials'],
  AllowedOAuthScopes: scopes,
  AccessTokenValidity: accessTokenSeconds,
  TokenValidityUnits: { AccessToken: 'seconds' },
})

const DEFAULTS: ClientSettings = {
  AllowedOAuthFlowsUserPoolClient: false,
  ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'],
  RefreshTokenValidity: 30,
  EnableTokenRevocation: true,
}

const NOT_SETTINGS: ReadonlySet<string> = new Set([
  'UserPoolId',
  'ClientId',
  'ClientName',
  'GenerateSecret',
  'ClientSecret',
])

/** What Cognito knows without a resource server. */
export const STANDARD_SCOPES: readonly string[] = [
  'openid',
  'email',
  'phone',
  'profile',
  'aws.cognito.signin.user.admin',
]

const UNITS: Readonly<Record<string, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3_600,
  days: 86_400,
}

/** The default unit, the default in seconds, the range in seconds and the text of a refusal, by kind of token. */
const LIVES = {
  AccessToken: ['hours', 3_600, 300, 86_400, 'an access token lives 5 minutes to 1 day'],
  IdToken: ['hours', 3_600, 300, 86_400, 'an ID token lives 5 minutes to 1 day'],
  RefreshToken: ['days', 2_592_000, 3_600, 315_360_000, 'a refresh token lives 1 hour to 10 years'],
} as const

function secondsOf(settings: ClientSettings, kind: keyof typeof LIVES): number {
  const [defaultUnit, defaultSeconds, minimum, maximum, text] = LIVES[kind]
  const given = settings['TokenValidityUnits']
  const units: Record<string, unknown> =
    typeof given === 'object' && given !== null ? { ...given } : {}
  const unit = units[kind] ?? defaultUnit
  const length = UNITS[typeof unit === 'string' ? unit : ''] ?? NaN
  const count = settings[`${kind}Validity`]
  const seconds = count === undefined ? defaultSeconds : Number(count) * length
  if (seconds >= minimum && seconds <= maximum) return seconds
  throw invalid(`Invalid range for token validity: ${text}.`)
}

function textsIn(settings: ClientSettings, name: string): readonly string[] {
  const value = settings[name] ?? []
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value
  throw refuse('SerializationException', `${name} has to be a list of strings`)
}

const invalid = (message: string) => refuse('InvalidParameterException', message)
