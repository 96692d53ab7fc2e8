import { isAwsHost, isIamFetchError, isOffline, type ErrorCode } from '@iamfetch/core'
import type { Setting } from './explanation.ts'

/** Why there was no answer to read. */
export interface Unreachable {
  code: ErrorCode | 'HIDDEN_BY_CORS' | 'UNREACHABLE'
  why: string
  whose: 'network' | 'api' | 'caller' | 'unknown'
  change: string[]
  /** Where CORS may hide the answer. */
  settings?: readonly Setting[]
}

/** Sends one request without a signature, to see whether a host answers: the platform's `fetch` is one. */
export type Probe = (url: string, init: RequestInit) => Promise<unknown>

/**
 * What lets a browser see why a gateway refuses.
 *
 * @see [AWS: gateway responses](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html)
 * @see [AWS: CORS for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html)
 */
const VISIBLE = [
  "REST API: give the gateway responses DEFAULT_4XX and DEFAULT_5XX the headers Access-Control-Allow-Origin: '*' and Access-Control-Expose-Headers: 'Date,X-Amzn-ErrorType,X-Amzn-RequestId'.",
  'HTTP API: set cors with allowOrigins, allowHeaders authorization, x-amz-date, x-amz-security-token, content-type, and exposeHeaders date, apigw-requestid.',
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
 * Says why a call had no readable answer, as far as that can be told: offline, a host that does not answer, or an answer
 * that the browser hides.
 *
 * @param url    What was called.
 * @param probe  Asked once for the root of the URL's origin, where only that can tell.
 */
export async function whyUnreachable(
  error: unknown,
  url: string | undefined,
  probe: Probe | undefined,
): Promise<Unreachable> {
  const failed = isIamFetchError(error) ? error : undefined
  if (failed && failed.code !== 'NETWORK_OR_CORS' && failed.code !== 'OFFLINE') {
    return { code: failed.code, why: failed.message, whose: 'caller', change: [failed.remedy] }
  }
  if (failed?.code === 'OFFLINE' || isOffline()) {
    return {
      code: 'OFFLINE',
      why: 'The device is offline; nothing was sent.',
      whose: 'network',
      change: ['Repeat the call online.'],
    }
  }
  // Not by URL: React Native's has no host.
  const [, host = ''] = /^http:\/\/([^/?#]+)/.exec(url ?? '') ?? []
  if (isAwsHost(host)) {
    return {
      code: 'UNREACHABLE',
      why: 'The address begins with http://, where API Gateway does not answer; a call there is not encrypted, its session token included.',
      whose: 'caller',
      change: ['Write https:// in baseUrl.'],
    }
  }
  const code = systemCode(error)
  if (code) return unreachable(`The host does not answer (${code}).`)
  if (!probe || !url) {
    return {
      code: 'NETWORK_OR_CORS',
      why: 'There was no readable answer. A browser does not tell a page whether the host did not answer or answered without CORS headers, as gateways refuse by default.',
      whose: 'unknown',
      settings: SETTINGS,
      change: [
        ...VISIBLE,
        'To tell them apart, give explain a probe: explain(error, { probe: fetch }).',
      ],
    }
  }
  try {
    // What it answers stays hidden; that it answers is what counts.
    await probe(new URL('/', url).href, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'follow',
    })
  } catch {
    return unreachable('The host answers nothing at all, not even a plain request.')
  }
  return {
    code: 'HIDDEN_BY_CORS',
    why: 'The host answers, but the browser hides what: the answer, or that to the preflight, has no CORS headers for this page. A refusal by IAM looks like this (session over, clock off, policy), and so does a header that the preflight does not allow.',
    whose: 'api',
    change: [...VISIBLE],
    settings: SETTINGS,
  }
}

const unreachable = (why: string): Unreachable => ({
  code: 'UNREACHABLE',
  why,
  whose: 'network',
  change: ["Check the host name, DNS, TLS, the network, and the page's CSP (connect-src)."],
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
