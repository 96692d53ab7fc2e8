// Each contender through its public API, as its own documentation shows it, with its own defaults.
// `token()` makes the library have a token; `api()` makes a call with it and gives its status, where the library
// does that and reacts to a 401 of the API.
import { createRequire } from 'node:module'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { createTokenFetch } from 'iamfetch'

const peer = createRequire(new URL('./peers/package.json', import.meta.url))
const load = (name) => import(peer.resolve(name))
const version = (name) => {
  const [, path] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(peer.resolve(name))
  return peer(`${path}/package.json`).version
}
const id = 'bench'
const secret = 'bench-secret'

/** Sends what was meant for https to the loopback provider; some libraries insist on https. */
const toLoopback = (origin) => (url, init) => {
  const { pathname, search } = new URL(typeof url === 'string' ? url : (url.url ?? url))
  return fetch(origin + pathname + search, init)
}

const iamfetch = {
  name: '@iamfetch/machine',
  ours: true,
  version: () => '',
  async make({ tokenUrl, origin }) {
    const token = machineToken({
      source: oauthTokenEndpoint({ url: tokenUrl, clientId: id }),
      clientSecret: secret,
    })
    const call = createTokenFetch({ baseUrl: origin, token })
    return { token, api: async () => (await call('/api')).status }
  },
}

const openidClient = {
  name: 'openid-client',
  note: '(no cache)',
  async make({ tokenUrl, origin }) {
    const oauth = await load('openid-client')
    const server = { issuer: origin, token_endpoint: tokenUrl }
    const configuration = new oauth.Configuration(server, id, secret)
    oauth.allowInsecureRequests(configuration)
    return { token: () => oauth.clientCredentialsGrant(configuration, { scope: 'bench/read' }) }
  },
}

const simpleOauth2 = {
  name: 'simple-oauth2',
  note: '(no cache)',
  async make({ origin }) {
    const { ClientCredentials } = (await load('simple-oauth2')).default
    const client = new ClientCredentials({
      client: { id, secret },
      auth: { tokenHost: origin, tokenPath: '/oauth2/token' },
    })
    return { token: () => client.getToken({ scope: 'bench/read' }) }
  },
}

const msal = {
  name: '@azure/msal-node',
  async make({ origin }) {
    const { ConfidentialClientApplication } = await load('@azure/msal-node')
    const send = async (url, options, method) => {
      const { headers, body } = options ?? {}
      const response = await toLoopback(origin)(url, { method, headers, body })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.json(),
      }
    }
    const authority = 'https://idp.example/tenant'
    const metadata = {
      issuer: authority,
      authorization_endpoint: `${authority}/oauth2/authorize`,
      token_endpoint: `${authority}/oauth2/token`,
      jwks_uri: `${authority}/keys`,
      end_session_endpoint: `${authority}/logout`,
    }
    const app = new ConfidentialClientApplication({
      auth: {
        clientId: id,
        clientSecret: secret,
        authority,
        knownAuthorities: ['idp.example'],
        authorityMetadata: JSON.stringify(metadata),
        cloudDiscoveryMetadata: JSON.stringify({
          tenant_discovery_endpoint: `${authority}/.well-known/openid-configuration`,
          metadata: [
            {
              preferred_network: 'idp.example',
              preferred_cache: 'idp.example',
              aliases: ['idp.example'],
            },
          ],
        }),
      },
      system: {
        networkClient: {
          sendGetRequestAsync: (url, options) => send(url, options, 'GET'),
          sendPostRequestAsync: (url, options) => send(url, options, 'POST'),
        },
      },
    })
    return { token: () => app.acquireTokenByClientCredential({ scopes: ['bench/.default'] }) }
  },
}

const auth0 = {
  name: 'auth0',
  async make({ origin }) {
    const { ManagementClient } = await load('auth0')
    const client = new ManagementClient({
      domain: 'tenant.example',
      clientId: id,
      clientSecret: secret,
      fetch: toLoopback(origin),
      maxRetries: 0,
    })
    return { token: () => client.clients.list() }
  },
}

const badgateway = {
  name: '@badgateway/oauth2-client',
  async make({ origin }) {
    const { OAuth2Client, OAuth2Fetch } = await load('@badgateway/oauth2-client')
    const client = new OAuth2Client({
      server: origin,
      clientId: id,
      clientSecret: secret,
      tokenEndpoint: '/oauth2/token',
    })
    const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() })
    return {
      token: () => wrapper.getAccessToken(),
      api: async () => (await wrapper.fetch(`${origin}/api`)).status,
    }
  },
}

const openfga = {
  name: '@openfga/sdk',
  async make({ origin, tokenUrl }) {
    const { OpenFgaClient, CredentialsMethod } = (await load('@openfga/sdk')).default
    const client = new OpenFgaClient({
      apiUrl: origin,
      credentials: {
        method: CredentialsMethod.ClientCredentials,
        config: {
          apiTokenIssuer: tokenUrl,
          apiAudience: 'bench',
          clientId: id,
          clientSecret: secret,
        },
      },
    })
    return { token: () => client.listStores() }
  },
}

const commercetools = {
  name: '@commercetools/ts-client',
  async make({ origin }) {
    const { ClientBuilder } = await load('@commercetools/ts-client')
    const client = new ClientBuilder()
      .withClientCredentialsFlow({
        host: origin,
        oauthUri: '/oauth/token',
        projectKey: 'bench',
        credentials: { clientId: id, clientSecret: secret },
        scopes: ['bench/read'],
        httpClient: fetch,
      })
      .withHttpMiddleware({ host: origin, httpClient: fetch })
      .build()
    const call = () => client.execute({ uri: '/api', method: 'GET' })
    return {
      token: call,
      api: () =>
        call().then(
          ({ statusCode }) => statusCode,
          ({ statusCode }) => statusCode,
        ),
    }
  },
}

const azure = {
  name: '@azure/core-rest-pipeline',
  async make({ origin, tokenUrl }) {
    const azureCore = await load('@azure/core-rest-pipeline')
    const getToken = async () => {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
      })
      const response = await fetch(tokenUrl, { method: 'POST', body })
      if (!response.ok) throw new Error(`token endpoint: ${response.status}`)
      const { access_token: token, expires_in: seconds } = await response.json()
      return { token, expiresOnTimestamp: Date.now() + seconds * 1_000 }
    }
    const pipeline = azureCore.createEmptyPipeline()
    pipeline.addPolicy(
      azureCore.bearerTokenAuthenticationPolicy({ credential: { getToken }, scopes: 'bench/read' }),
    )
    const httpClient = {
      async sendRequest(request) {
        const headers = request.headers.toJSON()
        const response = await toLoopback(origin)(request.url, { headers })
        return { request, status: response.status, headers: azureCore.createHttpHeaders() }
      },
    }
    const send = () =>
      pipeline.sendRequest(
        httpClient,
        azureCore.createPipelineRequest({ url: 'https://api.example/api' }),
      )
    return { token: send }
  },
}

/** Ours first. */
export const contenders = [
  iamfetch,
  badgateway,
  auth0,
  azure,
  openfga,
  commercetools,
  msal,
  openidClient,
  simpleOauth2,
].map((contender) => ({ version: () => version(contender.name), ...contender }))
