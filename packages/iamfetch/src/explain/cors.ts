import type { CorsFault } from './cors-message.ts'
import type { ExplanationPart, Setting } from './explanation.ts'

type CorsExplanation = ExplanationPart & { settings?: readonly Setting[] }

/** Explains what a browser's console says about CORS: which header, origin or method the response has to allow. */
export const explainCors = (fault: CorsFault): CorsExplanation => BY_FAULT[fault.lacks](fault)

const originOf = ({ origin }: CorsFault): string => origin ?? "the page's origin"

const BY_FAULT: Readonly<Record<CorsFault['lacks'], (fault: CorsFault) => CorsExplanation>> = {
  connection: () => ({
    message:
      'The browser did not get any response: the connection failed, so CORS is not the reason.',
    responsible: 'network',
    remedy: [
      "Check the host name, DNS, TLS, the network, and the page's Content Security Policy (connect-src).",
    ],
  }),
  header: ({ names }) => ({
    message: `The preflight response does not allow the request header ${names.join(', ')}.`,
    responsible: 'api',
    remedy: [`Add ${names.join(', ')} to the allowed headers of the API.`, ...remedyFor(names)],
    settings: settingsFor({ headers: [...SIGNED, ...names] }),
  }),
  method: ({ names }) => {
    const list = names.join(', ')
    return {
      message: `The preflight response does not allow the method${list && ` ${list}`}.`,
      responsible: 'api',
      remedy: [`Add ${list || 'the method of the call'} to the allowed methods of the API.`],
      settings: settingsFor({ methods: names }),
    }
  },
  'other-origin': (fault) => ({
    message: `The response allows another origin than ${originOf(fault)}.`,
    responsible: 'api',
    remedy: [
      `Add ${originOf(fault)} to the allowed origins of the API, with scheme and port and without a slash at the end.`,
      'If a cache or CDN is in front of the API, let it keep one response per Origin (Vary: Origin).',
    ],
    settings: settingsFor({ origin: fault.origin }),
  }),
  'many-origins': () => ({
    message: 'The response has more than one value in Access-Control-Allow-Origin.',
    responsible: 'api',
    remedy: [
      'Set the header in one place only: by the gateway or by the application, not by both.',
    ],
  }),
  credentials: (fault) => ({
    message: 'The call sends cookies, and the response does not allow that for this origin.',
    responsible: 'caller',
    remedy: [
      "Leave out credentials: 'include': a signature and a bearer token need no cookies.",
      `If cookies are needed, allow ${originOf(fault)} by name and set Access-Control-Allow-Credentials: true.`,
    ],
  }),
  preflight: () => ({
    message: 'The preflight request (OPTIONS) was refused, so the call itself was not sent.',
    responsible: 'api',
    remedy: [
      'Let OPTIONS through without authorization, because a preflight carries neither a signature nor a token. An ANY or $default route of an HTTP API with an authorizer takes preflights as well.',
    ],
    settings: settingsFor({}),
  }),
  'preflight-redirect': () => ({
    message: 'The preflight request was redirected, which browsers do not follow.',
    responsible: 'caller',
    remedy: [
      'Call the address to which the redirect leads: with https://, the right host, stage and slash.',
    ],
  }),
  origin: (fault) => ({
    message: `The response does not name ${originOf(fault)} in Access-Control-Allow-Origin. It may be a refusal: gateways refuse without CORS headers by default.`,
    responsible: 'api',
    remedy: [
      `Add ${originOf(fault)} to the allowed origins of the API, and give its gateway responses DEFAULT_4XX and DEFAULT_5XX the header Access-Control-Allow-Origin.`,
      'Then repeat the call: the refusal behind it, if there is one, can be read and explained.',
    ],
    settings: settingsFor({ origin: fault.origin }),
  }),
}

/** The headers of a signed request that a preflight names. */
const SIGNED = ['authorization', 'content-type', 'x-amz-date', 'x-amz-security-token']

/** SDKs and tracing add headers that an API need not know. */
const remedyFor = (names: readonly string[]): string[] =>
  names.some((name) =>
    /^(amz-sdk-|x-amz-user-agent|traceparent|tracestate|x-amzn-trace-id)/i.test(name),
  )
    ? ['Or leave the header out: it comes from an SDK or from tracing, and no signature needs it.']
    : []

interface Allowed {
  origin?: string | undefined
  headers?: readonly string[]
  methods?: readonly string[]
}

function settingsFor({ origin = '*', headers = SIGNED, methods = [] }: Allowed): Setting[] {
  const allowed = [...new Set(headers.map((name) => name.toLowerCase()))]
  const verbs = methods.length > 0 ? methods : ['*']
  return [
    {
      where: 'HTTP API or function URL, in CloudFormation',
      text: `CorsConfiguration:
  AllowOrigins: ['${origin}']
  AllowMethods: [${verbs.map((verb) => `'${verb}'`).join(', ')}]
  AllowHeaders: [${allowed.join(', ')}]
  ExposeHeaders: [date, apigw-requestid]`,
    },
    {
      where: 'REST API, response to OPTIONS and gateway responses',
      text: `Access-Control-Allow-Origin: '${origin}'
Access-Control-Allow-Methods: '${verbs.join(',')}'
Access-Control-Allow-Headers: '${allowed.join(',')}'`,
    },
  ]
}
