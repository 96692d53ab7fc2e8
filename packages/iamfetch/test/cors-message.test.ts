import { describe, expect, test } from 'vitest'
import { explain } from '../src/explain.ts'

const URL_CALLED = 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod/x'
const PAGE = 'http://localhost:5173'
const chrome = (reason: string): string =>
  `Access to fetch at '${URL_CALLED}' from origin '${PAGE}' has been blocked by CORS policy: ${reason}`
const firefox = (reason: string): string =>
  `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ${URL_CALLED}. (Reason: ${reason}).`
const NO_ORIGIN =
  "No 'Access-Control-Allow-Origin' header is present on the requested resource. If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."

/** What browsers print, and what the advice has to name. */
const MESSAGES: readonly (readonly [browser: string, text: string, advice: RegExp])[] = [
  ['Chrome', chrome(NO_ORIGIN), /Add http:\/\/localhost:5173 to the allowed origins/],
  [
    'Chrome',
    chrome(`Response to preflight request doesn't pass access control check: ${NO_ORIGIN}`),
    /DEFAULT_4XX/,
  ],
  [
    'Chrome',
    chrome(
      'Request header field x-amz-security-token is not allowed by Access-Control-Allow-Headers in preflight response.',
    ),
    /Add x-amz-security-token to the allowed headers/,
  ],
  [
    'Chrome',
    chrome(
      'Request header field amz-sdk-invocation-id is not allowed by Access-Control-Allow-Headers in preflight response.',
    ),
    /leave the header out/,
  ],
  [
    'Chrome',
    chrome('Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.'),
    /Add PUT to the allowed methods/,
  ],
  [
    'Chrome',
    chrome(
      "Response to preflight request doesn't pass access control check: It does not have HTTP ok status.",
    ),
    /OPTIONS through without authorization/,
  ],
  [
    'Chrome',
    chrome(
      "The 'Access-Control-Allow-Origin' header has a value 'https://app.example.com' that is not equal to the supplied origin.",
    ),
    /Add http:\/\/localhost:5173 to the allowed origins of the API, with scheme and port/,
  ],
  [
    'Chrome',
    chrome(
      "The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but only one is allowed.",
    ),
    /in one place only/,
  ],
  [
    'Chrome',
    chrome(
      "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
    ),
    /Leave out credentials: 'include'/,
  ],
  ['Chrome', chrome('Redirect is not allowed for a preflight request.'), /redirect leads/],
  [
    'Chrome of 2017',
    `XMLHttpRequest cannot load ${URL_CALLED}. No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin '${PAGE}' is therefore not allowed access. The response had HTTP status code 403.`,
    /Add http:\/\/localhost:5173 to/,
  ],
  ['Firefox', firefox('CORS header ‘Access-Control-Allow-Origin’ missing'), /allowed origins/],
  [
    'Firefox',
    firefox('CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://app.example.com’'),
    /with scheme and port/,
  ],
  [
    'Firefox',
    firefox(
      'header ‘x-amz-date’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response',
    ),
    /Add x-amz-date to the allowed headers/,
  ],
  [
    'Firefox of 2018',
    firefox(
      'missing token ‘authorization’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel',
    ),
    /Add authorization to the allowed headers/,
  ],
  [
    'Firefox',
    firefox('Did not find method in CORS header ‘Access-Control-Allow-Methods’'),
    /method of the call to the allowed methods/,
  ],
  [
    'Firefox',
    firefox('Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’'),
    /cookies/,
  ],
  ['Firefox', firefox('CORS preflight response did not succeed'), /OPTIONS through/],
  [
    'Safari',
    `Origin ${PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 403\nFetch API cannot load ${URL_CALLED} due to access control checks.`,
    /Add http:\/\/localhost:5173 to/,
  ],
  [
    'Safari',
    `Request header field Authorization is not allowed by Access-Control-Allow-Headers.\nFetch API cannot load ${URL_CALLED} due to access control checks.`,
    /Add Authorization to the allowed headers/,
  ],
  [
    'Safari',
    'Method DELETE is not allowed by Access-Control-Allow-Methods.',
    /Add DELETE to the allowed methods/,
  ],
  ['Safari', 'Preflight response is not successful. Status code: 403', /OPTIONS through/],
  [
    'Safari',
    'Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.',
    /credentials: 'include'/,
  ],
]

describe('what a browser prints about CORS is explained by what the response lacks', () => {
  test.each(MESSAGES)('%s: %s', async (_, text, advice) => {
    const found = await explain(text)
    expect(found.code).toBe('HIDDEN_BY_CORS')
    expect(found.remedy.join('\n')).toMatch(advice)
    for (const sentence of [found.message, ...found.remedy]) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })

  test('two headers in two messages are both named, once each', async () => {
    const field = (name: string): string =>
      chrome(
        `Request header field ${name} is not allowed by Access-Control-Allow-Headers in preflight response.`,
      )
    const found = await explain([field('x-amz-date'), field('x-id'), field('x-id')].join('\n'))
    expect(found.message).toBe(
      'The preflight response does not allow the request header x-amz-date, x-id.',
    )
    expect(found.settings?.[0]?.text).toContain(
      'AllowHeaders: [authorization, content-type, x-amz-date, x-amz-security-token, x-id]',
    )
  })

  test('a connection that failed is not blamed on CORS', async () => {
    const found = await explain(firefox('CORS request did not succeed'))
    expect(found).toMatchObject({ code: 'UNREACHABLE', responsible: 'network' })
  })

  test('any other text is explained as an error without a readable response', async () => {
    expect(await explain('TypeError: Failed to fetch')).toMatchObject({ code: 'NETWORK_OR_CORS' })
  })
})
