import { createGateway, type Gateway } from '../../src/api-gateway/gateway.ts'
import { listen, serverOf } from '../../src/http/listen.ts'
import type { PolicyDocument } from '@iamfetch/policy'
import type { ApiDefinition, RouteDefinition } from '../../src/definition/api.ts'
import type { Clock } from '../../src/faults/faults.ts'
import type { Session } from '../../src/iam/sessions.ts'
import type { GatewayOptions } from '../../src/api-gateway/gateway.ts'

/** The scenario: GET and POST on /test, and whatever else a row needs, for the two roles. */
export const allow = (...places: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: places.map(
        (place) => `arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/*/${place}`,
      ),
    },
  ],
})

/** A session with a policy, made by hand. */
export function sessionOf(
  name: string,
  policy: PolicyDocument,
  more: Partial<Session> = {},
): Session {
  return {
    accessKeyId: `ASIA${name.toUpperCase().padEnd(16, 'X')}`,
    secretAccessKey: `${name}+secret/of+forty+characters+length==`,
    sessionToken: `IQoJb3JpZ2luX2Vj/${name}+${'t'.repeat(600)}==`,
    expiresAt: Date.now() + 3_600_000,
    issuedAt: Date.UTC(2026, 0, 1),
    role: {
      arn: `arn:aws:iam::123456789012:role/${name}Role`,
      name: `${name}Role`,
      id: 'AROAEXAMPLEEXAMPLE123',
      policy,
      trust: { Version: '2012-10-17', Statement: [] },
    },
    name: 'CognitoIdentityCredentials',
    identity: {
      identityId: 'eu-central-1:11111111-2222-4333-8444-555555555555',
      identityPoolId: 'eu-central-1:99999999-2222-4333-8444-555555555555',
      amr: [
        'authenticated',
        'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool',
        `cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool:CognitoSignIn:${name}`,
      ],
      sub: name,
    },
    ...more,
  }
}

export const alice: Session = sessionOf('alice', allow('GET/*', 'POST/*', 'PUT/*', 'DELETE/*'))
export const bob: Session = sessionOf('bob', allow('GET/*'))
export const gone: Session = sessionOf('gone', allow('*'), { expiresAt: Date.now() - 1 })

/** Responds with the event that the handler received. */
export const echo = (event: unknown): unknown => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(event),
})

export const iam = (handler: RouteDefinition['handler'] = echo): RouteDefinition => ({
  auth: 'iam',
  handler,
})

/** An API with hand-made sessions. */
export interface ServedApi {
  gateway: Gateway
  /** With the stage. */
  url: string
  port: number
  stop(): Promise<void>
}

/** Creates the gateway of an API. */
export function makeApi(
  api: ApiDefinition,
  {
    sessions = [alice, bob, gone],
    clock = Date,
    ...more
  }: { sessions?: readonly Session[]; clock?: Clock } & Partial<
    Omit<GatewayOptions, 'sessions' | 'clock'>
  > = {},
): Gateway {
  return createGateway({
    name: 'test',
    api,
    apiId: 'a1b2c3d4e5',
    region: 'eu-central-1',
    accountId: '123456789012',
    sessions: { find: (id) => sessions.find(({ accessKeyId }) => accessKeyId === id) },
    tokens: {
      keys: () => Promise.reject(new Error('no token is expected here')),
      issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool',
      clientIds: () => ['client'],
    },
    clock,
    ...more,
  })
}

/** Creates a gateway that listens on a free port. */
export async function serveApi(...args: Parameters<typeof makeApi>): Promise<ServedApi> {
  const gateway = makeApi(...args)
  const listening = await listen(serverOf(gateway), 0)
  const stage = gateway.stage === '$default' ? '' : `/${gateway.stage}`
  return { ...listening, gateway, url: `${listening.origin}${stage}` }
}
