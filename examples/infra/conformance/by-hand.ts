import { eventFixtures } from '@iamfetch/server/fixtures'
import type { Row } from './row.ts'

const row = (id: string, question: string, source: string): Row => ({
  id,
  question,
  source,
  needs: 'a hand',
})

/** What a request from outside does not show, or what the stacks here do not have. */
export const rowsByHand: readonly Row[] = [
  row(
    'preflight-foreign',
    'A preflight from an origin that is not allowed: 204 without headers? (The API here allows all.)',
    'local: api-gateway/cors.ts',
  ),
  row(
    'service-skew',
    'A signature for cognito-idp or secretsmanager that is six or sixteen minutes old: refused? (STS, IAM and DynamoDB were measured at 15 minutes, KMS and Lambda at five.)',
    'local: iam/signed-operation.ts',
  ),
  row(
    'dot-segments',
    'Dot segments in a path, sent raw: refused, resolved, or taken as they stand?',
    'sigv4: README.md',
  ),
  row(
    'expired-session',
    'An expired session: what does an HTTP API say, and which error type does a REST API return? (Wait an hour.)',
    'local: api-gateway/refusal.ts',
  ),
  row(
    'throttled',
    'The body and Retry-After of a 429 of an HTTP API, of a REST API, of the token endpoint',
    'local: api-gateway/refusal.ts, oauth/token-endpoint.ts',
  ),
  row(
    'too-late',
    'The answer to a function that takes longer than 30 s',
    'local: api-gateway/refusal.ts',
  ),
  row(
    'rest-incomplete-signature',
    'Status and text of a REST API for a malformed Authorization',
    'local: api-gateway/refusal.ts',
  ),
  row(
    'rest-unknown-key',
    'UnrecognizedClientException or AccessDeniedException for an unknown key at a REST API',
    'local: api-gateway/refusal.ts',
  ),
  row(
    'rest-scope-missing',
    'What a REST API with a Cognito authorizer answers to a token without the scope',
    'local: api-gateway/refusal.ts',
  ),
  row(
    'rest-resource-policy',
    'A REST API with a resource policy in one account: does either allow suffice?',
    'local: @iamfetch/policy',
  ),
  row(
    'rest-wrong-scope',
    'The error type of a REST API at a custom domain for a wrong credential scope',
    'local: api-gateway/refusal.ts',
  ),
  row(
    'presigned-query',
    'What an HTTP back end, a function and $connect receive of a query that is signed: X-Amz-Signature, X-Amz-Security-Token, all, nothing?',
    'local: api-gateway/query-signature.ts, api-gateway/websocket-api/event.ts',
  ),
  row('edge-region', 'Which region signs for an edge-optimized custom domain', 'sigv4: README.md'),
  row(
    'raw-path',
    'Whether rawPath has the stage of a named stage',
    'local: api-gateway/http-api/event.ts',
  ),
  row(
    'precedence-ties',
    'preferred_role when precedences tie, or one group has none',
    'local: cognito-user-pool/claims.ts',
  ),
  row(
    'guest-scope-down',
    'Which session policy guests get in the enhanced flow',
    'local: iam/roles.ts',
  ),
  row(
    'empty-roles',
    'Whether SetIdentityPoolRoles takes a pool without a default role. (The stack makes one that may do nothing.)',
    'infra: identity-pool.ts',
  ),
  row(
    'sync-handler',
    'Whether Lambda on Node 24 accepts a value that is not a promise. (The handlers here are async.)',
    'group-access: handlers.ts',
  ),
  row(
    'classic-flow',
    'The error type of the classic flow with role mappings',
    'cognito: refusal.ts',
  ),
  row('sts-cors', 'Whether a browser may call GetCallerIdentity', 'cognito: README.md'),
  row('client-token', 'Quota category and price of GetClientToken', 'machine: client-token.ts'),
  row(
    'multivalue-condition',
    'A key with several values under an operator without a set prefix',
    'local: @iamfetch/policy condition.ts',
  ),
  ...Object.entries(eventFixtures).flatMap(([name, { unverified }]) =>
    unverified === undefined
      ? []
      : [row(`event-${name}`, `The event ${name}: ${unverified}`, 'server fixtures')],
  ),
]
