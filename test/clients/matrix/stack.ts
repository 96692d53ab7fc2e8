import { createServer } from 'node:http'
import {
  defineStack,
  startLocalStack,
  type LocalHandler,
  type LocalStack,
  type PolicyDocument,
  type SentCode,
} from '@iamfetch/local'
import { cognitoCredentials } from '@iamfetch/cognito'
import { pagesBrowser } from '@iamfetch/testing/hosted-ui'
import { requestsFor, type SignedRequest } from './requests.ts'

/** Where web apps of the suite are called back. Nothing listens there. */
const CALLBACK = 'http://localhost:3000/callback'
/** The callback of Auth.js and next-auth. */
const NEXT_CALLBACK = 'http://localhost:3000/api/auth/callback/cognito'
const LOGGED_OUT = 'http://localhost:3000/'

const may = (...methods: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: methods.map((method) => `arn:aws:execute-api:REGION:ACCOUNT_ID:*/*/${method}/*`),
  },
})

/** Responds with the caller, in a form that both kinds of API understand. */
const handler: LocalHandler = () => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"ok":true}',
})

const routes = {
  'ANY /test': { auth: 'iam', handler },
  'ANY /files/{proxy+}': { auth: 'iam', handler },
  'GET /claims': { auth: 'jwt', handler },
} as const

const definition = defineStack({
  issuer: 'local',
  groups: {
    FullAccess: { precedence: 1, policy: may('*') },
    ReadOnlyAccess: { precedence: 2, policy: may('GET') },
  },
  users: {
    alice: { groups: ['FullAccess'], email: 'alice@example.com' },
    bob: { groups: ['ReadOnlyAccess'], email: 'bob@example.com' },
  },
  userPool: { signInAliases: ['email'] },
  hostedUi: { callbackUrls: [CALLBACK, NEXT_CALLBACK], logoutUrls: [LOGGED_OUT] },
  signInClients: {
    web: {
      callbackUrls: [CALLBACK, NEXT_CALLBACK],
      logoutUrls: [LOGGED_OUT],
    },
    rotating: { callbackUrls: [CALLBACK], refreshTokenRotation: {} },
  },
  resourceServers: { premium: ['read', 'write'] },
  appClients: { reader: { scopes: ['premium/read', 'premium/write'] } },
  roles: {
    service: {
      policy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: ['secretsmanager:*', 'execute-api:Invoke'],
          Resource: '*',
        },
      },
    },
  },
  apis: { http: { type: 'http', routes }, rest: { type: 'rest', stage: 'prod', routes } },
})

interface Key {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** What a program learns about the stack: the content of its set-up file. */
export interface Setup {
  region: string
  /** Of the user pool, the identity pool and Secrets Manager. */
  endpoint: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  issuer: string
  /** What the identity pool calls the user pool in `Logins`. */
  provider: string
  users: Record<string, { username: string; password: string; email: string; sub: string }>
  apis: { http: string; rest: string }
  requests: readonly SignedRequest[]
  keys: Record<SignedRequest['key'], Key>
  admin: Key
  service: Key
  /** App clients with a secret, for people. */
  web: { clientId: string; clientSecret: string }
  rotating: { clientId: string; clientSecret: string }
  machine: { clientId: string; clientSecret: string; scope: string; secretName: string }
  callback: string
  loggedOut: string
  /** `?url=…&user=…` signs a user in on the pages of the user pool and responds with the callback. */
  browser: string
  /** `?user=…` responds with the last code that was sent to a user. */
  codes: string
}

/** The stack of a run, with what its programs need. */
export interface Grounds {
  setup: Setup
  stop(): Promise<void>
}

/** Starts the stack that all clients run against. */
export async function prepareGrounds(): Promise<Grounds> {
  const sent = new Map<string, SentCode>()
  const stack = await startLocalStack(definition, {
    onCode: (code) => void sent.set(code.username, code),
  })
  const helper = await startHelper(stack, sent)
  return {
    setup: await setupOf(stack, helper.origin),
    async stop() {
      helper.stop()
      await stack.stop()
    },
  }
}

async function setupOf(stack: LocalStack, helper: string): Promise<Setup> {
  const { region, endpoints, userPoolId, userPoolClientId, identityPoolId, issuer, apis } =
    stack.config
  const { alice, bob } = stack.users
  const { web, rotating } = stack.signInClients
  const { reader } = stack.appClients
  if (!alice || !bob || !web?.clientSecret || !rotating?.clientSecret || !reader) {
    throw new Error('the definition of this suite is not what it was')
  }
  const urls = { http: apis['http']?.url ?? '', rest: apis['rest']?.url ?? '' }
  const [aliceKey, bobKey] = await Promise.all([keyOf(stack, 'alice'), keyOf(stack, 'bob')])
  return {
    region,
    endpoint: endpoints.cognitoIdp,
    userPoolId,
    userPoolClientId,
    identityPoolId,
    issuer,
    provider: `cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    users: {
      alice: { ...alice, email: 'alice@example.com' },
      bob: { ...bob, email: 'bob@example.com' },
    },
    apis: urls,
    requests: requestsFor(urls),
    keys: {
      alice: aliceKey,
      bob: bobKey,
      service: plain(stack.roles['service'] ?? stack.admin),
      mixed: { ...aliceKey, sessionToken: bobKey.sessionToken },
    },
    admin: plain(stack.admin),
    service: plain(stack.roles['service'] ?? stack.admin),
    web: { clientId: web.clientId, clientSecret: web.clientSecret },
    rotating: { clientId: rotating.clientId, clientSecret: rotating.clientSecret },
    machine: { ...reader, scope: 'premium/read', secretName: 'reader' },
    callback: CALLBACK,
    loggedOut: LOGGED_OUT,
    browser: `${helper}/browser`,
    codes: `${helper}/codes`,
  }
}

const plain = ({ accessKeyId, secretAccessKey, sessionToken }: Key): Key => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
})

async function keyOf(stack: LocalStack, user: string): Promise<Key> {
  const { idToken } = await stack.signIn(user)
  const { accessKeyId, secretAccessKey, sessionToken } = await cognitoCredentials({
    identityPoolId: stack.config.identityPoolId,
    endpoint: stack.config.endpoints.cognitoIdentity,
    idToken: async () => idToken,
  })()
  return { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? '' }
}

/** What a person does during a run: sign in on a page, read a mail. */
async function startHelper(
  stack: LocalStack,
  sent: ReadonlyMap<string, SentCode>,
): Promise<{ origin: string; stop: () => void }> {
  const respond = async ({ pathname, searchParams }: URL): Promise<string> => {
    const user = searchParams.get('user') ?? ''
    if (pathname === '/codes') return sent.get(user)?.code ?? ''
    return pagesBrowser(stack).signIn(searchParams.get('url') ?? '', user)
  }
  const server = createServer((request, response) => {
    respond(new URL(request.url ?? '/', 'http://127.0.0.1')).then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the helper has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
