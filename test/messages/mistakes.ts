import { isIamFetchError } from '@iamfetch/core'
import { defineStack, startLocalStack } from '@iamfetch/local'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { redisStore } from '@iamfetch/machine/redis'
import { fetchOf, withGlobal } from '@iamfetch/testing'
import { cognitoCredentials, createIamFetch, createTokenFetch, type CognitoOptions } from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import { explain, rememberRequests, type Explanation } from 'iamfetch/explain'

const PAGE = 'http://localhost:5173'
const API = 'https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com'
const FUNCTION_URL = 'https://abc123.lambda-url.eu-central-1.on.aws'
const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not-a-secret' }

/** Nothing waits for real time between its attempts. */
const QUICK = { now: () => Date.now(), sleep: async () => {} }

const handler = (): object => ({ statusCode: 200 })
const may = (...methods: string[]): object => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: methods.flatMap((method) =>
      ['http', 'rest'].map(
        (api) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_${api}/*/${method}/notes`,
      ),
    ),
  },
})

const routes = {
  'GET /notes': { auth: 'iam', handler },
  'POST /notes': { auth: 'iam', handler },
} as const

const definition = defineStack({
  ids: {
    userPoolId: 'eu-central-1_AbCdEf123',
    userPoolClientId: 'page',
    identityPoolId: 'eu-central-1:11111111-2222-4333-8444-555555555555',
    apis: { http: 'notes1http', rest: 'notes1rest' },
  },
  groups: {
    Readers: { precedence: 1, policy: may('GET') as never },
    Peers: { precedence: 1, policy: may('GET') as never },
    Untrusted: {
      precedence: 1,
      policy: may('GET') as never,
      trust: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'ec2.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      },
    },
  },
  users: {
    reader: { groups: ['Readers'] },
    nowhere: { groups: [] },
    twice: { groups: ['Readers', 'Peers'] },
    untrusted: { groups: ['Untrusted'] },
  },
  resourceServers: { notes: ['read', 'write'] },
  appClients: { reports: { scopes: ['notes/read'] } },
  apis: {
    http: {
      type: 'http',
      routes: {
        ...routes,
        'GET /tokens': { auth: 'jwt', handler },
        'POST /tokens': { auth: 'jwt', scopes: ['notes/write'], handler },
      },
    },
    rest: { type: 'rest', stage: 'prod', routes },
  },
})

/** What a mistake shows: the error as the console prints it, or what `explain` says of the response. */
export type Shown = () => Promise<string>

/** The local stack that the mistakes are made at, and each mistake with what it shows. */
export async function mistakes(): Promise<{ rows: Record<string, Shown>; stop(): Promise<void> }> {
  const stack = await startLocalStack(definition)
  const { config } = stack
  const idTokenOf = (name: string) => async (): Promise<string> =>
    (await stack.signIn(name)).idToken
  const credentialsOf = (options: Partial<CognitoOptions>): ReturnType<typeof cognitoCredentials> =>
    cognitoCredentials({
      identityPoolId: config.identityPoolId,
      endpoint: config.endpoints.cognitoIdentity,
      idToken: idTokenOf('reader'),
      ...options,
    })
  const { origin } = new URL(config.apis.rest.url)
  const callAs =
    (name: string, url: string, init?: RequestInit) => async (): Promise<Explanation> => {
      const call = createIamFetch({
        origins: [new URL(config.apis.http.url).origin, origin],
        region: config.region,
        credentials: credentialsOf({ idToken: idTokenOf(name) }),
        fetch: rememberRequests(fetch),
      })
      return explain(await call(url, init))
    }
  const { http, rest } = config.apis
  const client = stack.appClients.reports
  const endpoint = (options: object = {}): ReturnType<typeof oauthTokenEndpoint> =>
    oauthTokenEndpoint({
      url: `${config.endpoints.oauth}/oauth2/token`,
      clientId: client.clientId,
      ...options,
    })
  const machine =
    (options: object = {}, more: object = {}) =>
    (): Promise<unknown> =>
      machineToken({
        source: endpoint(options),
        clientSecret: client.clientSecret,
        scopes: ['notes/read'],
        ...more,
      })()

  const iam = (options: object) => (): unknown =>
    createIamFetch({ credentials: CREDENTIALS, ...options })
  const sent = (options: object, path: string, init?: RequestInit) => (): Promise<unknown> =>
    createIamFetch({
      credentials: CREDENTIALS,
      fetch: fetchOf(async () => new Response('sent')),
      ...options,
    })(path, init)

  const rows: Record<string, () => unknown> = {
    '1 a user pool ID as identityPoolId': () =>
      credentialsOf({ identityPoolId: 'eu-central-1_AbCdEf123' }),
    '2 an identityPoolId without its region': () =>
      credentialsOf({ identityPoolId: '00000000-0000-0000-0000-000000000000' }),
    '3 no identityPoolId': () => cognitoCredentials({ idToken: idTokenOf('reader') } as never),
    '4 an identity pool that does not exist': () =>
      credentialsOf({ identityPoolId: `${config.region}:00000000-0000-0000-0000-000000000000` })(),
    '5 an identity pool of another region': () =>
      credentialsOf({
        identityPoolId: config.identityPoolId.replace(config.region, 'us-east-1'),
      })(),
    '6 no region for a custom domain': sent({ baseUrl: 'https://api.example.com' }, '/notes'),
    '7 a region that the host contradicts': iam({ baseUrl: API, region: 'us-east-1' }),
    '8 a Lambda function URL without "service"': sent({ baseUrl: FUNCTION_URL }, '/'),
    '8 a Lambda function URL with the service of API Gateway': iam({
      baseUrl: FUNCTION_URL,
      service: 'execute-api',
    }),
    '9 an access token as the ID token': () =>
      credentialsOf({ idToken: async () => (await stack.signIn('reader')).accessToken })(),
    '10 a text as idToken': () => credentialsOf({ idToken: 'eyJ…' as never }),
    '11 amplifyIdToken without ()': () => credentialsOf({ idToken: amplifyIdToken as never })(),
    '12 Amplify without a configuration': () => credentialsOf({ idToken: amplifyIdToken() })(),
    '14 idToken fails because of the network': () =>
      credentialsOf({
        idToken: () => {
          throw new TypeError('Failed to fetch')
        },
      })(),
    '15 a user in no group': () => credentialsOf({ idToken: idTokenOf('nowhere') })(),
    '16 a user in two groups of one precedence': () =>
      credentialsOf({ idToken: idTokenOf('twice') })(),
    '17 a role whose trust policy does not name the pool': () =>
      credentialsOf({ idToken: idTokenOf('untrusted') })(),
    '18 a POST that the policy does not allow, REST API': callAs('reader', `${rest.url}/notes`, {
      method: 'POST',
      body: '{}',
    }),
    '19 a POST that the policy does not allow, HTTP API': callAs('reader', `${http.url}/notes`, {
      method: 'POST',
      body: '{}',
    }),
    '20 a REST API without its stage': callAs('reader', `${origin}/notes`),
    '21 a stage that does not exist': callAs('reader', `${origin}/test/notes`),
    '22 a path that does not exist': callAs('reader', `${http.url}/note`),
    '23 a slash at the end': callAs('reader', `${http.url}/notes/`),
    '25 a body with GET': sent({ baseUrl: API }, '/notes', { method: 'GET', body: '{}' }),
    '26 an object as body': sent({ baseUrl: API }, '/notes', {
      method: 'POST',
      body: { text: 'a' } as never,
    }),
    '27 a call to another origin': sent({ baseUrl: API }, 'https://example.com/notes'),
    '28 http for an AWS host': iam({ baseUrl: API.replace('https', 'http') }),
    '29 a baseUrl without scheme': iam({ baseUrl: new URL(API).host }),
    '31 a path as baseUrl': iam({ baseUrl: '/api' }),
    '32 no options': () => createIamFetch(undefined as never),
    '38 a signature on a JWT route': callAs('reader', `${http.url}/tokens`),
    '39 a token on an IAM route': async () => {
      const call = createTokenFetch({
        baseUrl: rest.url,
        token: idTokenOf('reader'),
        fetch: rememberRequests(fetch),
      })
      return explain(await call('/notes'))
    },
    '40 an unsigned request to an IAM route of an HTTP API': async () =>
      explain(await fetch(`${http.url}/notes`)),
    '43 a clock that is two hours wrong': async () => {
      const clock = { now: () => Date.now() + 7_200_000 }
      const credentials = credentialsOf({ clock })
      const call = createIamFetch({ baseUrl: http.url, region: config.region, credentials, clock })
      return `No error: the clock is corrected, and the call has the status ${(await call('/notes')).status}.`
    },
    '49 a scope that the client does not have': machine({}, { scopes: ['notes/write'] }),
    '50 a scope that does not exist': machine({}, { scopes: ['notes/delete'] }),
    '52 a wrong client secret': machine({}, { clientSecret: 'wrong' }),
    '55 a client that does not exist': machine({ clientId: 'unknown' }),
    '57 the path of another endpoint as the token endpoint': machine({
      url: `${config.endpoints.oauth}/oauth2/authorize`,
    }),
    '58 a token endpoint without scheme': machine({ url: 'auth.example.com/oauth2/token' }),
    '59 a token endpoint with http': machine({ url: 'http://auth.example.com/oauth2/token' }),
    '60 a token endpoint that cannot be reached': machine(
      { url: 'http://127.0.0.1:9/oauth2/token' },
      { clock: QUICK },
    ),
    '61 a token without the scope of the route': async () => {
      const token = machineToken({
        source: endpoint(),
        clientSecret: client.clientSecret,
        scopes: ['notes/read'],
      })
      const call = createTokenFetch({ baseUrl: http.url, token, fetch: rememberRequests(fetch) })
      return explain(await call('/tokens', { method: 'POST', body: '{}' }))
    },
    '64 a Redis client that is not connected': async () => {
      const said: string[] = []
      const redis = {
        isReady: false,
        isOpen: false,
        sendCommand: async () => Promise.reject(new Error('The client is closed')),
      }
      const store = redisStore({ client: redis })
      const token = machineToken({
        source: endpoint(),
        clientSecret: client.clientSecret,
        scopes: ['notes/read'],
        store,
        onEvent: (event: { type: string }) => void said.push(event.type),
      })
      await token()
      return `No error: the token is requested without the store. "onEvent" reports: ${said.join('; ')}`
    },
    'browser: an API without CORS': () =>
      explain(
        chrome("No 'Access-Control-Allow-Origin' header is present on the requested resource."),
      ),
    'browser: an API that allows another origin': () =>
      explain(
        chrome(
          "The 'Access-Control-Allow-Origin' header has a value 'https://app.example.com' that is not equal to the supplied origin.",
        ),
      ),
    'browser: a header that is not allowed': () =>
      explain(
        chrome(
          'Request header field x-amz-date is not allowed by Access-Control-Allow-Headers in preflight response.',
        ),
      ),
    'browser: offline without a session': () =>
      whileOffline(() => credentialsOf({ fetch: offline, clock: QUICK })()),
    'browser: a host that does not exist': async () => {
      const gone = async (): Promise<never> => {
        throw new TypeError('Failed to fetch')
      }
      const call = createIamFetch({
        baseUrl: API,
        credentials: CREDENTIALS,
        fetch: gone,
        clock: QUICK,
      })
      return explain(await call('/notes').catch((error: unknown) => error), { probe: gone })
    },
  }
  return {
    rows: Object.fromEntries(Object.entries(rows).map(([name, make]) => [name, () => shown(make)])),
    stop: () => stack.stop(),
  }
}

const chrome = (reason: string): string =>
  `Access to fetch at '${API}/notes' from origin '${PAGE}' has been blocked by CORS policy: ${reason}`

/** Runs something while the platform reports that the device is offline. */
const whileOffline = (run: () => unknown): Promise<unknown> =>
  withGlobal('navigator', { onLine: false }, run)

const offline = async (): Promise<never> => {
  throw new TypeError('Failed to fetch')
}

async function shown(make: () => unknown): Promise<string> {
  try {
    const value = await make()
    if (value instanceof Response)
      return `No error: the call is sent, with the status ${value.status}.`
    if (typeof value === 'string') return value
    const { message, responsible, remedy } = value as Explanation
    return [`${message} (${responsible})`, ...remedy].join('\n')
  } catch (error) {
    if (isIamFetchError(error)) return String(error).replace(/ See \S+$/, '')
    return String(error)
  }
}
