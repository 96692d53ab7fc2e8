import { isAwsHost, isIamFetchError, isOffline, type ErrorCode } from '@iamfetch/core'
import type { Setting } from './explanation.ts'

/** Why there was no response to read. */
export interface Unreachable {
  code: ErrorCode | 'HIDDEN_BY_CORS' | 'UNREACHABLE'
  message: string
  responsible: 'network' | 'api' | 'caller' | 'unknown'
  remedy: string[]
  /** Where CORS may hide the response. */
  settings?: readonly Setting[]
}

/** Sends one request without a signature, to see whether a host responds: the platform's `fetch` is one. */
export type Probe = (url: string, init: RequestInit) => Promise<unknown>

/**
 * What lets a browser see why a gateway refuses.
 *
 * @see [AWS: gateway responses](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html)
 * @see [AWS: CORS for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html)
 */
const VISIBLE = [
  "For a REST API, give the gateway responses DEFAULT_4XX and DEFAULT_5XX the headers Access-Control-Allow-Origin: '*' and Access-Control-Expose-Headers: 'Date,X-Amzn-ErrorType,X-Amzn-RequestId'.",
  'For an HTTP API, set cors with allowOrigins, allowHeaders authorization, x-amz-date, x-amz-security-token, content-type, and exposeHeaders date, apigw-requestid.',
]

const SETTINGS: readonly Setting[] = [
  {
    where: 'REST API, in CDK',
    text: `for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX]) {
  api.addGatewayResponse(type.responseType, {
    type,
    responseHeaders: {
      'Access-Control-Allow-Origin': "'*'",
      'Access-Control-Expose-Headers': "'Date,X-Amzn-ErrorType,X-Amzn-RequestId'",
    },
  })
}`,
  },
  {
    where: 'HTTP API, in CDK',
    text: `new HttpApi(this, 'Api', {
  corsPreflight: {
    allowOrigins: ['*'],
    allowMethods: [CorsHttpMethod.ANY],
    allowHeaders: ['authorization', 'content-type', 'x-amz-date', 'x-amz-security-token'],
    exposeHeaders: ['date', 'apigw-requestid'],
  },
})`,
  },
]

/**
 * Explains why a call had no readable response, as far as that is known: offline, a host that does not respond, or a response
 * that the browser hides.
 *
 * @param url    What was called.
 * @param probe  Called once for the root of the URL's origin, if nothing else shows it.
 */
export async function explainUnreachable(
  error: unknown,
  url: string | undefined,
  probe: Probe | undefined,
): Promise<Unreachable> {
  const failed = isIamFetchError(error) ? error : undefined
  if (failed && failed.code !== 'NETWORK_OR_CORS' && failed.code !== 'OFFLINE') {
    const { code, message, remedy } = failed
    return { code, message, responsible: 'caller', remedy: [remedy] }
  }
  if (failed?.code === 'OFFLINE' || isOffline()) {
    return {
      code: 'OFFLINE',
      message: 'The device is offline; nothing was sent.',
      responsible: 'network',
      remedy: ['Repeat the call when the device is online.'],
    }
  }
  // Not by `URL`: that of React Native has no host.
  const [, host = ''] = /^http:\/\/([^/?#]+)/.exec(url ?? '') ?? []
  if (isAwsHost(host)) return WITHOUT_TLS
  const code = systemCode(error)
  if (code) return unreachable(`The host does not respond (${code}).`)
  if (!probe || !url) return NOT_TOLD
  return (await responds(probe, url))
    ? HIDDEN_BY_CORS
    : unreachable('The host responds to nothing at all, not even to a plain request.')
}

async function responds(probe: Probe, url: string): Promise<boolean> {
  try {
    // The response stays hidden; that there is one is what counts.
    await probe(new URL('/', url).href, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'follow',
    })
    return true
  } catch {
    return false
  }
}

const WITHOUT_TLS: Unreachable = {
  code: 'UNREACHABLE',
  message:
    'The address begins with http://, where API Gateway does not respond; a call there is not encrypted, its session token included.',
  responsible: 'caller',
  remedy: ['Write https:// in "baseUrl".'],
}

const NOT_TOLD: Unreachable = {
  code: 'NETWORK_OR_CORS',
  message:
    'There was no readable response. A browser does not tell a page whether the host did not respond or responded without CORS headers, as gateways refuse by default.',
  responsible: 'unknown',
  settings: SETTINGS,
  remedy: [
    ...VISIBLE,
    'In a program, pass a probe, which tells them apart: explain(error, { probe: fetch }).',
  ],
}

const HIDDEN_BY_CORS: Unreachable = {
  code: 'HIDDEN_BY_CORS',
  message:
    'The host responds, but the browser hides the response: it, or the response to the preflight, has no CORS headers for this page. A refusal by IAM looks like this (expired session, wrong clock, policy), and so does a header that the preflight does not allow.',
  responsible: 'api',
  remedy: VISIBLE,
  settings: SETTINGS,
}

const unreachable = (message: string): Unreachable => ({
  code: 'UNREACHABLE',
  message,
  responsible: 'network',
  remedy: [
    "Check the host name, DNS, TLS, the network, and the page's Content Security Policy (connect-src).",
  ],
})

/** Node's code for a broken connection, for example `ECONNREFUSED`, in the error or in one of its causes. */
function systemCode(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < 10 && typeof current === 'object' && current !== null; depth++) {
    if ('code' in current && typeof current.code === 'string' && NETWORK_CODE.test(current.code)) {
      return current.code
    }
    current = 'cause' in current ? current.cause : undefined
  }
  return undefined
}

const NETWORK_CODE = /^(E[A-Z]+|UND_ERR_\w+|CERT_\w+)$/
