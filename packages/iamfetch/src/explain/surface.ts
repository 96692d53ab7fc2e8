import type { ApiKind, Explanation } from './explanation.ts'

/**
 * Tells the kind of an API by the headers that only it sends. In a browser they are there only where CORS exposes them.
 *
 * @param url  What was called.
 */
export function apiKindOf({ headers, url: answered }: Response, url?: string): ApiKind {
  if (/\.lambda-url\.[\w-]+\.on\.aws$/.test(hostOf(url ?? answered))) return 'lambda-url'
  if (headers.has('apigw-requestid')) return 'http'
  return headers.has('x-amz-apigw-id') || headers.has('x-amzn-errortype') ? 'rest' : 'unknown'
}

const hostOf = (url: string): string => {
  try {
    return new URL(url).hostname
  } catch {
    return ''
  }
}

/** What an answer means that is neither a 401 nor a 403. */
export function statusWords({
  status,
  ok,
}: Response): Pick<Explanation, 'code' | 'why' | 'whose' | 'change'> {
  if (ok || status < 400) {
    return { code: 'ANSWERED', why: 'Nothing was refused.', whose: 'unknown', change: [] }
  }
  const row = ROWS.find(([codes]) => codes.includes(status)) ?? OTHERS[status < 500 ? 0 : 1]
  const [, code, whose, why, change] = row
  return { code, why, whose, change: [change] }
}

type Row = readonly [
  codes: readonly number[],
  Explanation['code'],
  Explanation['whose'],
  why: string,
  change: string,
]

const ROWS: readonly Row[] = [
  [
    [404],
    'REQUEST_INVALID',
    'caller',
    'There is no such route, or the application has no such thing.',
    'Check method, path and stage against the deployed API.',
  ],
  [
    [413],
    'BODY_TOO_LARGE',
    'caller',
    'The body is larger than the gateway takes: 10 MB, 6 MB for Lambda.',
    'Upload it to S3.',
  ],
  [
    [414, 431],
    'REQUEST_INVALID',
    'caller',
    'The URL or the headers are longer than the gateway takes.',
    'Move parameters into the body.',
  ],
  [
    [429],
    'THROTTLED',
    'caller',
    'Above the rate or the quota of the API or its usage plan.',
    'Slow down, or raise the limit; createIamFetch has already waited and tried again.',
  ],
]

const OTHERS: readonly [Row, Row] = [
  [
    [],
    'UNKNOWN',
    'api',
    'The application behind the gateway refused.',
    'Read the body of its answer.',
  ],
  [
    [],
    'SERVICE_UNAVAILABLE',
    'api',
    'The API failed. The signature was not the reason.',
    "Look into the application's logs; repeat what may be repeated.",
  ],
]
