import { invalidOption } from '@iamfetch/core'
import type { Claims } from './claims.ts'
import { isUserPoolIssuer } from './issuers.ts'
import { refusal } from './refusal.ts'
import { readText } from './text.ts'

/** Whether a token is a user's or a machine's, and which client it was issued to. */
export interface TokenKind {
  kind: 'user' | 'machine'
  clientId?: string
}

/**
 * Decides whether a token was issued to a user or to a client for itself, and to which client.
 *
 * There is no claim for it that all issuers have. The rules are those of Cognito for a user pool's token, and for other
 * issuers those of {@link RULES}, the first that applies. A token to which none applies is a user's.
 *
 * @param kindOf  Decides first, if it returns something.
 * @throws {@link IamFetchError} `CALLER_MISMATCH` for a token that may be either.
 */
export function tokenKindOf(
  claims: Claims,
  kindOf?: (claims: Claims) => 'user' | 'machine' | undefined,
): TokenKind {
  const issuer = claims['iss']
  const isUserPool = readText(claims['token_use']) !== undefined || isUserPoolIssuer(issuer)
  const client = isUserPool ? readText(claims['client_id']) : clientOf(claims)
  const rules = isUserPool ? [userPoolRule] : RULES
  const decided = kindOf?.(claims)
  if (decided !== undefined && decided !== 'user' && decided !== 'machine') {
    throw invalidOption(
      'resolveCaller',
      `"kindOf" must return 'user', 'machine' or undefined`,
      decided,
    )
  }
  const kind = decided ?? firstOf(rules, claims, client) ?? 'user'
  // `aud` of another issuer's access token is the API.
  const audience = isUserPool || issuer === undefined ? readText(claims['aud']) : undefined
  const clientId = client ?? audience
  return clientId === undefined ? { kind } : { kind, clientId }
}

/** Decides by one issuer's claims; `undefined` if it cannot. */
type KindRule = (claims: Claims, client: string | undefined) => 'user' | 'machine' | undefined

function firstOf(
  rules: readonly KindRule[],
  claims: Claims,
  client: string | undefined,
): 'user' | 'machine' | undefined {
  for (const rule of rules) {
    const kind = rule(claims, client)
    if (kind) return kind
  }
  return undefined
}

/**
 * The client of a token: `client_id` (RFC 9068), `cid` (Okta), `azp` (OpenID Connect; Auth0, Entra, Keycloak), `appid` (Entra,
 * version 1.0).
 */
function clientOf(claims: Claims): string | undefined {
  const client = CLIENT_CLAIMS.map((name) => readText(claims[name])).find(Boolean)
  const subject = readText(claims['sub'])
  return (
    client ?? (subject?.endsWith('@clients') ? subject.slice(0, -'@clients'.length) : undefined)
  )
}

const CLIENT_CLAIMS = ['client_id', 'cid', 'azp', 'appid']

/**
 * Cognito's client credentials: the subject is the client.
 *
 * @see [Cognito: the access token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html)
 */
const userPoolRule: KindRule = (claims, client) =>
  claims['token_use'] !== 'id' && client !== undefined && claims['sub'] === client
    ? 'machine'
    : 'user'

/** Auth0: `gty` is the grant type, and the subject is the client with `@clients` behind it. */
const auth0Rule: KindRule = (claims, client) =>
  claims['gty'] === 'client-credentials' ||
  (client !== undefined && claims['sub'] === `${client}@clients`)
    ? 'machine'
    : undefined

/**
 * Entra ID: `idtyp` contains the kind. It is an optional claim; without it an app's token has no delegated scopes (`scp`), and its
 * subject is the object of the app, where a user's subject is different for each app.
 *
 * External ID and Azure AD B2C have hosts of their own, and the object as the subject of users, too: there it also counts that the
 * app has authenticated itself. Their tokens are unverified.
 *
 * @see [Entra: access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
 */
const entraRule: KindRule = (claims) => {
  if (claims['idtyp'] === 'app') return 'machine'
  if (claims['idtyp'] === 'user') return 'user'
  const isApp = claims['scp'] === undefined && claims['oid'] === claims['sub'] && !namesUser(claims)
  if (ENTRA_ISSUER.test(readText(claims['iss']) ?? '')) return isApp ? 'machine' : 'user'
  const method = readText(claims['azpacr']) ?? readText(claims['appidacr']) ?? ''
  return isApp && BY_SECRET_OR_CERTIFICATE.includes(method) ? 'machine' : undefined
}

const ENTRA_ISSUER =
  /^https:\/\/(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net|sts\.chinacloudapi\.cn)\//

/** `azpacr` (version 2.0) and `appidacr` (1.0): how the client authenticated. A public client has "0". */
const BY_SECRET_OR_CERTIFICATE = ['1', '2']

/**
 * Jobs of GitHub Actions and GitLab, and pods of Kubernetes: the subject is what runs, and there is no client. The rules for GitLab
 * and Kubernetes are unverified.
 *
 * @see [GitHub: OpenID Connect](https://docs.github.com/en/actions/reference/security/oidc)
 */
const workloadRule: KindRule = (claims) => {
  const subject = readText(claims['sub']) ?? ''
  const isJob =
    GITHUB_ACTIONS.test(readText(claims['iss']) ?? '') ||
    (subject.startsWith('project_path:') && claims['job_id'] !== undefined)
  return isJob || subject.startsWith('system:serviceaccount:') ? 'machine' : undefined
}

/**
 * Keycloak: a client acts as a separate user, `service-account-<client>`. The name alone does not prove it: where people
 * register themselves, a user may have chosen it.
 *
 * @see [Keycloak: service accounts](https://www.keycloak.org/docs/latest/server_admin/#_service_accounts)
 */
const keycloakRule: KindRule = (claims) => {
  const client = readText(claims['azp'])
  if (!client || claims['preferred_username'] !== `service-account-${client.toLowerCase()}`) {
    return undefined
  }
  if ((claims['client_id'] ?? claims['clientId']) === client) return 'machine'
  throw refusal(
    'CALLER_MISMATCH',
    'The token has the "preferred_username" of a service account, but no "client_id" that confirms it.',
    {
      remedy:
        'Add the mapper "Client ID" to the client in Keycloak, or set "kindOf" to a function that decides.',
    },
  )
}

/** The second form is that of GitHub Enterprise Server. */
const GITHUB_ACTIONS =
  /^https:\/\/(token\.actions\.githubusercontent\.com|[^/]+\/_services\/token)$/

/** RFC 9068, Okta, Google: the subject is the client. PingOne, IdentityServer: there is no subject. */
const genericRule: KindRule = (claims, client) => {
  if (client === undefined) return undefined
  const isClient = claims['sub'] === client || (claims['sub'] === undefined && !namesUser(claims))
  return isClient ? 'machine' : undefined
}

const RULES: readonly KindRule[] = [auth0Rule, entraRule, keycloakRule, workloadRule, genericRule]

const namesUser = (claims: Claims): boolean =>
  USER_CLAIMS.some((name) => claims[name] !== undefined)

const USER_CLAIMS = ['username', 'preferred_username', 'upn', 'unique_name', 'email', 'uid', 'name']
