import type { Hono } from 'hono'
import type { Faults } from '../faults/faults.ts'
import type { NodeBindings } from '../aws-json/aws-json.ts'
import { Refusal } from '../aws-json/service-error.ts'
import { formOf } from '../http/request-body.ts'
import { headerText } from '../http/printable.ts'
import { applyFault } from '../faults/apply-fault.ts'
import type { AppClient, AppClients } from '../cognito-user-pool/app-clients.ts'
import { accepted, refused, type Result } from '../result.ts'
import { grantedScopes, type MachineTokens } from '../cognito-user-pool/machine-tokens.ts'
import {
  isForm,
  readTokenRequest,
  type TokenRefusal,
  type TokenRequest,
  type UserTokenRequest,
} from './token-request.ts'
import { grantToUser, type UserGrants } from './user-grants.ts'

/** The parts that a token endpoint is created from. */
export interface TokenEndpoint {
  clients: AppClients
  tokens: MachineTokens
  /** The app client that people sign in with, which may not use this grant. */
  userPoolClientId: string
  /** Codes and refresh tokens. */
  people: UserGrants
  faults: Faults
}

/** The operation's name for the faults. */
const OPERATION = 'oauth2/token'

/**
 * Serves `POST /oauth2/token` by Cognito's rules: client credentials, and for people codes and refresh tokens.
 *
 * The client shows its secret in the form or as Basic, not both. A refusal is RFC 6749's JSON with HTTP 400, and
 * 401 for a client that came with Basic (the RFC's rule; Cognito's page has 400 alone, vendors on Cognito
 * document both: unverified). The true reason is in `x-local-reason`.
 *
 * @see [AWS: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 */
export function serveTokenEndpoint(app: Hono<NodeBindings>, endpoint: TokenEndpoint): void {
  const { faults } = endpoint
  app.post('/oauth2/token', async (c) => {
    const instead = await applyFault(faults.take(OPERATION), {
      clock: faults.clock,
      signal: c.req.raw.signal,
      socket: c.env?.incoming?.socket,
      // unverified: the body. The status is that of a Cognito domain.
      throttled: () => answer(429, { message: 'Too Many Requests' }, 'a fault'),
      refused: ({ type, message, status = 400 }) =>
        answer(status, { error: type, error_description: message }, 'a fault'),
      failed: () => answer(500, { message: 'Internal Server Error' }, 'a fault'),
    })
    if (instead) return instead
    const form = await formOf(c.req.raw)
    if (isForm(c.req.raw.headers)) {
      return grant(readTokenRequest(c.req.raw.headers, form), endpoint)
    }
    return notAllowed('the Content-Type is not application/x-www-form-urlencoded')
  })
  app.all('/oauth2/token', () => notAllowed('the method is not POST'))
}

async function grant(
  read: Result<TokenRequest | UserTokenRequest, TokenRefusal>,
  endpoint: TokenEndpoint,
): Promise<Response> {
  if (!read.ok) return refuse(read.refusal)
  const request = read.value
  if (request.grant !== 'client_credentials') {
    const granted = await grantToUser(request, endpoint.people).catch(refusedByTrigger)
    return granted.ok ? answer(200, granted.value) : refuse(granted.refusal, request.basic)
  }
  const authenticated = authenticate(request, endpoint)
  if (!authenticated.ok) return refuse(authenticated.refusal, request.basic)
  const client = authenticated.value
  const chosen = grantedScopes(client, request.scopes)
  if (!chosen.ok) {
    const reason = `the client may have [${client.scopes.join(' ')}], not ${chosen.refusal}`
    return refuse({ error: 'invalid_scope', reason })
  }
  return answer(200, {
    access_token: await endpoint.tokens.mint(client, chosen.value),
    expires_in: client.accessTokenSeconds,
    token_type: 'Bearer',
  })
}

/** unverified: how the token endpoint responds when the pre-token-generation trigger throws. */
function refusedByTrigger(error: unknown): Result<never, TokenRefusal> {
  if (error instanceof Refusal) return refused({ error: 'invalid_request', reason: error.message })
  throw error
}

/** An unknown client gets the response for a known one with a wrong secret. */
function authenticate(
  { clientId, secrets }: TokenRequest,
  { clients, userPoolClientId }: TokenEndpoint,
): Result<AppClient, TokenRefusal> {
  const fail = (error: TokenRefusal['error'], reason: string): Result<never, TokenRefusal> =>
    refused({ error, reason })
  if (clientId === userPoolClientId) {
    return fail('unauthorized_client', 'this app client has no secret: it is for people')
  }
  const client = clients.find(clientId)
  if (!client) return fail('invalid_client', 'there is no such app client')
  if (secrets.length === 0) return fail('invalid_client', 'no secret came with it')
  if (!secrets.some((secret) => clients.hasSecret(client, secret))) {
    return fail('invalid_client', 'the client secret is wrong')
  }
  if (client.clientCredentials) return accepted(client)
  // Reported: terraform-provider-aws#34945, aws-sdk-js-v3#7158, boto3#3916, aws-sdk-java#3037.
  if (!client.oauth) {
    return fail(
      'invalid_grant',
      'the app client may not use OAuth (AllowedOAuthFlowsUserPoolClient)',
    )
  }
  return fail('unauthorized_client', 'the app client may not use client_credentials')
}

/** Without a body (reported: amazon-cognito-auth-js#52). */
const notAllowed = (reason: string): Response =>
  new Response(null, { status: 405, headers: { 'x-local-reason': headerText(reason) } })

function refuse({ error, reason }: TokenRefusal, basic = false): Response {
  const unauthorized = error === 'invalid_client' && basic
  const response = answer(unauthorized ? 401 : 400, { error }, reason)
  if (unauthorized) response.headers.set('www-authenticate', 'Basic')
  return response
}

const answer = (status: number, body: unknown, reason?: string): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-store',
      ...(reason !== undefined && { 'x-local-reason': headerText(reason) }),
    },
  })
