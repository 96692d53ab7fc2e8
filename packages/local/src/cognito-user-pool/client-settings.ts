import { refuse } from '../aws-json/service-error.ts'

/** The settings of an app client as its administrator gives and sees them, defaults filled in. */
export type ClientSettings = Readonly<Record<string, unknown>>

/** What follows from settings. */
export interface ClientRights {
  settings: ClientSettings
  /** As `resource server/scope`; none where the client may not use OAuth. */
  scopes: readonly string[]
  accessTokenSeconds: number
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
  const unknown = scopes.find((scope) => !known.includes(scope) && !OF_OPENID.includes(scope))
  if (unknown !== undefined) {
    throw refuse('ScopeDoesNotExistException', `Invalid scope requested: ${unknown}`)
  }
  if (machine && scopes.some((scope) => OF_OPENID.includes(scope))) {
    throw invalid('client_credentials takes the scopes of resource servers alone.')
  }
  const alone = signIns.includes('ALLOW_CLIENT_TOKEN_AUTH')
  if (alone && signIns.length > 1) {
    throw invalid('ALLOW_CLIENT_TOKEN_AUTH is the only one of ExplicitAuthFlows.')
  }
  return {
    settings,
    scopes: oauth ? scopes : [],
    accessTokenSeconds: secondsOf(settings),
    oauth,
    clientCredentials: oauth && machine,
    clientToken: alone,
  }
}

/** What an app client of the definition has been given. */
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

const OF_OPENID = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']

const UNITS: Readonly<Record<string, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3_600,
  days: 86_400,
}

function secondsOf(settings: ClientSettings): number {
  const units: Record<string, unknown> = Object(settings['TokenValidityUnits'])
  const { AccessToken: unit = 'hours' } = units
  const length = UNITS[typeof unit === 'string' ? unit : '']
  const seconds = Number(settings['AccessTokenValidity'] ?? 3_600 / (length ?? 1)) * (length ?? NaN)
  if (seconds >= 300 && seconds <= 86_400) return seconds
  throw invalid('Invalid range for token validity: an access token lives 5 minutes to 1 day.')
}

function textsIn(settings: ClientSettings, name: string): readonly string[] {
  const value = settings[name] ?? []
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw refuse('SerializationException', `${name} has to be a list of strings`)
}

const invalid = (message: string) => refuse('InvalidParameterException', message)
