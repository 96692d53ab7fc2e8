import type { StackDefinition } from '../definition/definition.ts'
import type { HostedUiDefinition, RefreshTokenRotationDefinition } from '../definition/user-pool.ts'
import type { Ids } from '../ids.ts'
import { DIGITS, drawText, LOWER, type Random } from '../random.ts'
import { drawClientSecret, type AppClients } from './app-clients.ts'
import { rightsOf, STANDARD_SCOPES, type ClientSettings } from './client-settings.ts'

/** An app client of `signInClients`, for the person who started the stack. */
export interface GivenSignInClient {
  clientId: string
  /** `undefined` if the client has no secret. */
  clientSecret?: string | undefined
}

/**
 * Adds the app clients that people sign in with: the one without a secret, and those of `signInClients`.
 *
 * @param options.known  What those of an earlier stack began with.
 * @returns What the clients of `signInClients` begin with.
 */
export function addSignInClients(
  clients: AppClients,
  { hostedUi, userPool = {}, signInClients = {} }: StackDefinition,
  {
    ids,
    random,
    known = {},
  }: {
    ids: Ids
    random: Random
    known?: Readonly<Record<string, GivenSignInClient>> | undefined
  },
): Record<string, GivenSignInClient> {
  const { refreshTokenRotation } = userPool
  const page = peopleSettings(hostedUi ?? {}, refreshTokenRotation)
  clients.add('sign-in', rightsFor(page), undefined, ids.userPoolClientId)
  const given: Record<string, GivenSignInClient> = {}
  for (const [name, { secret = true, ...client }] of Object.entries(signInClients)) {
    const before = Object.hasOwn(known, name) ? known[name] : undefined
    const clientSecret = secret ? (before?.clientSecret ?? drawClientSecret(random)) : undefined
    const clientId = client.clientId ?? before?.clientId ?? drawText(random, LOWER + DIGITS, 26)
    const settings = peopleSettings(client, client.refreshTokenRotation)
    clients.add(name, rightsFor(settings), clientSecret, clientId)
    given[name] = { clientId, ...(clientSecret !== undefined && { clientSecret }) }
  }
  return given
}

function peopleSettings(
  { callbackUrls = [], logoutUrls = [], scopes = STANDARD_SCOPES }: Partial<HostedUiDefinition>,
  rotation: RefreshTokenRotationDefinition | undefined,
): ClientSettings {
  const byRedirect = callbackUrls.length > 0
  return {
    ExplicitAuthFlows: [
      'ALLOW_USER_SRP_AUTH',
      'ALLOW_USER_PASSWORD_AUTH',
      'ALLOW_ADMIN_USER_PASSWORD_AUTH',
      ...(rotation ? [] : ['ALLOW_REFRESH_TOKEN_AUTH']),
    ],
    AllowedOAuthFlowsUserPoolClient: byRedirect,
    ...(byRedirect && {
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: scopes,
      CallbackURLs: callbackUrls,
      LogoutURLs: logoutUrls,
      SupportedIdentityProviders: ['COGNITO'],
    }),
    RefreshTokenValidity: 30,
    EnableTokenRevocation: true,
    PreventUserExistenceErrors: 'ENABLED',
    ...(rotation && {
      RefreshTokenRotation: {
        Feature: 'ENABLED',
        RetryGracePeriodSeconds: rotation.graceSeconds ?? 0,
      },
    }),
  }
}

function rightsFor(settings: ClientSettings) {
  const rights = rightsOf(settings)
  const scopes = settings['AllowedOAuthScopes']
  return {
    ...rights,
    scopes: Array.isArray(scopes) ? scopes.map(String) : [],
    oauth: rights.code,
    clientCredentials: false,
    clientToken: false,
  }
}
