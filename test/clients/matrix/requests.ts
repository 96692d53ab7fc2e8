/** One request that every signer is asked to sign and send. */
export interface SignedRequest {
  /** Unique: the API, then what is special about the request. */
  id: string
  method: string
  /** As the client gets it, with its escapes. */
  url: string
  body?: string
  /** Whose credentials sign it: a user's, those of a role of a service, or bob's session token with alice's key. */
  key: 'alice' | 'bob' | 'service' | 'mixed'
  /** The status that AWS would answer with. */
  status: 200 | 403
  /** The first word of the local reason of a refusal. */
  refusal?: string
}

type Row = [
  what: string,
  method: string,
  target: string,
  more?: Partial<Pick<SignedRequest, 'body' | 'key' | 'status' | 'refusal'>>,
]

const ROWS: readonly Row[] = [
  ['GET', 'GET', '/test'],
  ['GET by bob', 'GET', '/test', { key: 'bob' }],
  ['GET by a service', 'GET', '/test', { key: 'service' }],
  ['POST', 'POST', '/test', { body: '{"text":"wörld"}' }],
  [
    'POST by bob',
    'POST',
    '/test',
    { body: '{}', key: 'bob', status: 403, refusal: 'ImplicitDeny' },
  ],
  ['POST without a body', 'POST', '/test'],
  ['PUT', 'PUT', '/files/a', { body: '{"a":[1]}' }],
  ['DELETE', 'DELETE', '/files/a'],
  [
    'session token of another',
    'GET',
    '/test',
    { key: 'mixed', status: 403, refusal: 'UnrecognizedClient' },
  ],
  ['sorted query', 'GET', '/test?a=1&b=2'],
  ['unsorted query', 'GET', '/test?b=2&a=1'],
  ['repeated key in a query', 'GET', '/test?a=2&a=1'],
  ['empty value in a query', 'GET', '/test?flag='],
  ['key without = in a query', 'GET', '/test?flag'],
  ['space in a query', 'GET', '/test?q=a%20b'],
  ['plus in a query', 'GET', '/test?q=a%2Bb'],
  ['letter é in a query', 'GET', '/test?q=%C3%A9'],
  ['reserved characters in a query', 'GET', '/test?q=%2F%3A%40%3D%26'],
  ['space in a path', 'GET', '/files/a%20b'],
  ['letter é in a path', 'GET', '/files/%C3%A9'],
  ['encoded slash in a path', 'GET', '/files/a%2Fb'],
  ['tilde in a path', 'GET', '/files/~user'],
  ['colon and at sign in a path', 'GET', '/files/a:b@c'],
  ['equals sign and semicolon in a path', 'GET', '/files/a=b;c'],
  ['parentheses and asterisk in a path', 'GET', '/files/(a)*'],
]

/** The requests for the two kinds of API. */
export const requestsFor = (apis: Readonly<Record<'http' | 'rest', string>>): SignedRequest[] =>
  Object.entries(apis).flatMap(([api, url]) =>
    ROWS.map(([what, method, target, more = {}]): SignedRequest => {
      const { key = 'alice', status = 200, ...rest } = more
      return { id: `${api}: ${what}`, method, url: url + target, key, status, ...rest }
    }),
  )
