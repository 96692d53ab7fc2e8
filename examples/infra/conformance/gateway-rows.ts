import { sha256Hex, signParts } from '@iamfetch/sigv4'
import { seen, type Row, type Target } from './row.ts'

const CORS = 'access-control-allow-origin'
const origin = 'https://app.example'

/** What an HTTP API answers before it looks at a signature, and after. */
export const gatewayRows: readonly Row[] = [
  {
    id: 'cors-on-refusal',
    question: 'Does a 403 that the gateway makes itself carry CORS headers?',
    source: 'local: api-gateway/cors.ts',
    needs: 'nothing',
    observe: async ({ testUrl }) =>
      seen(await fetch(`${testUrl}/test`, { headers: { origin } }), CORS),
  },
  {
    id: 'unsigned',
    question: 'What does an unsigned call get, and with which headers?',
    source: 'local: api-gateway/refusal.ts',
    needs: 'nothing',
    observe: async ({ testUrl }) => seen(await fetch(`${testUrl}/test`), 'content-type'),
  },
  {
    id: 'no-route',
    question: 'What does a path without a route get?',
    source: 'local: api-gateway/refusal.ts',
    needs: 'nothing',
    observe: async ({ testUrl }) => seen(await fetch(`${testUrl}/nowhere`)),
  },
  {
    id: 'malformed-authorization',
    question: 'What does a malformed Authorization header get?',
    source: 'local: api-gateway/refusal.ts',
    needs: 'nothing',
    observe: async ({ testUrl }) =>
      seen(await fetch(`${testUrl}/test`, { headers: { authorization: 'AWS4-HMAC-SHA256 what' } })),
  },
  {
    id: 'no-token',
    question: 'Which www-authenticate does a JWT route send without a token?',
    source: 'local: api-gateway/refusal.ts',
    needs: 'nothing',
    observe: async ({ providerUrl }) =>
      seen(await fetch(`${providerUrl}/premium`), 'www-authenticate', 'content-type'),
  },
  {
    id: 'not-a-jwt',
    question: 'And which with a token that is not a JWT?',
    source: 'local: api-gateway/jwt-authorizer.ts',
    needs: 'nothing',
    observe: async ({ providerUrl }) =>
      seen(
        await fetch(`${providerUrl}/premium`, { headers: { authorization: 'Bearer not-a-token' } }),
        'www-authenticate',
      ),
  },
  {
    id: 'bad-token',
    question: 'And which with a token of three segments that cannot be read?',
    source: 'local: api-gateway/refusal.ts',
    needs: 'nothing',
    observe: async ({ providerUrl }) =>
      seen(
        await fetch(`${providerUrl}/premium`, { headers: { authorization: 'Bearer a.b.c' } }),
        'www-authenticate',
      ),
  },
  {
    id: 'foreign-audience',
    question: 'And which with an ID token, whose audience the authorizer may not list?',
    source: 'local: api-gateway/jwt-authorizer.ts',
    needs: 'user',
    observe: async ({ providerUrl, user }) =>
      seen(
        await fetch(`${providerUrl}/premium`, {
          headers: { authorization: `Bearer ${user!.idToken}` },
        }),
        'www-authenticate',
      ),
  },
  {
    id: 'other-algorithm',
    question: 'And which with an ID token whose header names another algorithm?',
    source: 'local: api-gateway/jwt-authorizer.ts',
    needs: 'user',
    observe: async ({ providerUrl, user }) =>
      seen(
        await fetch(`${providerUrl}/premium`, {
          headers: { authorization: `Bearer ${withAlgorithm(user!.idToken, 'ES256')}` },
        }),
        'www-authenticate',
      ),
  },
  {
    id: 'bad-signature',
    question: 'And which with an ID token whose signature was altered?',
    source: 'local: api-gateway/jwt-authorizer.ts',
    needs: 'user',
    observe: async ({ providerUrl, user }) =>
      seen(
        await fetch(`${providerUrl}/premium`, {
          headers: { authorization: `Bearer ${user!.idToken.slice(0, -8)}AAAAAAAA` },
        }),
        'www-authenticate',
      ),
  },
  {
    id: 'too-large',
    question:
      'What does an HTTP API answer to a body over 10 MB? (That of a REST API is recorded.)',
    source: 'local: api-gateway/refusal.ts',
    needs: 'nothing',
    observe: async ({ testUrl }) =>
      seen(
        await fetch(`${testUrl}/test`, { method: 'POST', body: new Uint8Array(10_485_761) }),
        'content-type',
      ),
  },
  {
    id: 'options-without-origin',
    question: 'What does an OPTIONS without an Origin get that no route takes?',
    source: 'local: api-gateway/cors.ts',
    needs: 'nothing',
    observe: async ({ testUrl }) =>
      seen(await fetch(`${testUrl}/nowhere`, { method: 'OPTIONS' }), CORS, 'content-type'),
  },
  signed('trailing-slash', 'Does GET /test/ reach the route GET /test?', 'sigv4: README.md', {
    path: '/test/',
  }),
  signed(
    'double-slash',
    'Does //test reach the route /test of an HTTP API? (Of a REST API it does: recorded.)',
    'sigv4: README.md',
    {
      path: '//test',
    },
  ),
  signed('empty-query-key', 'Is an empty query key refused?', 'sigv4: README.md', { query: '=v' }),
  signed(
    'clock-4-behind',
    'Is a signature good that is four minutes old?',
    'local: api-gateway/refusal.ts',
    {
      shiftMs: -240_000,
    },
  ),
  signed(
    'clock-6-behind',
    'Is one refused that is six minutes old, and how?',
    'local: api-gateway/refusal.ts',
    {
      shiftMs: -360_000,
    },
  ),
  signed(
    'clock-6-ahead',
    'Is one refused from six minutes ahead, and how?',
    'local: api-gateway/refusal.ts',
    {
      shiftMs: 360_000,
    },
  ),
  signed('wrong-region', 'What does a signature for another region get?', 'sigv4: README.md', {
    region: 'us-west-2',
  }),
  signed('wrong-secret', 'What does a wrong signature get?', 'local: api-gateway/refusal.ts', {
    secretAccessKey: 'x'.repeat(40),
  }),
  signed(
    'wrong-session-token',
    'What does an altered session token get?',
    'local: api-gateway/refusal.ts',
    {
      sessionToken: 'altered',
    },
  ),
  signed(
    'handler-throws',
    'What is the response if the function throws?',
    'local: api-gateway/refusal.ts',
    {
      method: 'POST',
      body: 'this is not JSON',
    },
  ),
]

/** The same token with another algorithm in its header. */
function withAlgorithm(token: string, alg: string): string {
  const [head = '', ...rest] = token.split('.')
  const header: object = JSON.parse(Buffer.from(head, 'base64url').toString())
  return [Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url'), ...rest].join('.')
}

interface Change {
  method?: string
  path?: string
  query?: string
  body?: string
  shiftMs?: number
  region?: string
  secretAccessKey?: string
  sessionToken?: string
}

/** A call signed with the user's credentials, with one thing changed. */
function signed(id: string, question: string, source: string, change: Change): Row {
  return {
    id,
    question,
    source,
    needs: 'user',
    observe: (target) => send(target, change),
  }
}

async function send({ testUrl, region, user }: Target, change: Change): Promise<string> {
  const { method = 'GET', path = '/test', query = '', body = '', shiftMs = 0 } = change
  const { accessKeyId, secretAccessKey, sessionToken } = user!.credentials
  const credentials = {
    accessKeyId,
    secretAccessKey: change.secretAccessKey ?? secretAccessKey,
    sessionToken: change.sessionToken ?? sessionToken!,
  }
  const { host } = new URL(testUrl)
  const { headers } = signParts(
    { method, path, query, headers: [['host', host]] },
    {
      credentials,
      region: change.region ?? region,
      service: 'execute-api',
      at: new Date(Date.now() + shiftMs),
      payloadHash: sha256Hex(body),
      // The path is signed as it goes over the wire.
      normalizePath: false,
    },
  )
  const response = await fetch(`${testUrl}${path}${query && `?${query}`}`, {
    method,
    // fetch writes the host itself.
    headers: headers.filter(([name]) => name.toLowerCase() !== 'host') as [string, string][],
    ...(body && { body }),
  })
  return seen(response)
}
