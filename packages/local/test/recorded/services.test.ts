import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { AwsClient } from 'aws4fetch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../../src/index.ts'
import { matching } from './matching.ts'
import { oauth, secrets } from './services.ts'

let stack: LocalStack
beforeEach(async () => {
  stack = await startLocalStack({
    hostedUi: { callbackUrls: ['http://localhost/'] },
    resourceServers: { notes: ['read'] },
    appClients: { reader: { scopes: ['notes/read'] } },
  })
})
afterEach(() => stack.stop())

describe('recorded on AWS: Secrets Manager', () => {
  it.each(secrets.map((fact) => [fact.fact, fact] as const))(
    '%s',
    async (_, { calls, response }) => {
      const { region, endpoints } = stack.config
      const service = 'secretsmanager'
      const signer = new AwsClient({ ...stack.admin, region, service, retries: 0 })
      let first: unknown
      let last: { status: number; body: unknown } | undefined
      for (const [operation, input] of calls) {
        const body = JSON.stringify({ SecretId: 'reader', ...input }).replace('$id', String(first))
        const headers = {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `${service}.${operation}`,
        }
        const received = await signer.fetch(endpoints.secretsManager, {
          method: 'POST',
          headers,
          body,
        })
        const members: unknown = await received.json()
        last = { status: received.status, body: members }
        first ??= Object(members).VersionId
      }
      expect(last).toEqual(matching(response))
    },
  )
})

describe('recorded on AWS: the domain of a user pool', () => {
  it.each(oauth.map((fact) => [fact.fact, fact] as const))(
    '%s',
    async (_, { request, response }) => {
      const { path, method = 'GET', headers = {}, body } = request
      const { config, appClients, admin } = stack
      const { clientId, clientSecret } = appClients['reader']!
      const cognito = new CognitoIdentityProviderClient({
        region: config.region,
        endpoint: config.endpoints.cognitoIdp,
        credentials: admin,
      })
      const { UserPoolClient: off } = await cognito.send(
        new CreateUserPoolClientCommand({
          UserPoolId: config.userPoolId,
          ClientName: 'off',
          GenerateSecret: true,
        }),
      )
      const filled = body
        ?.replace('$offSecret', off!.ClientSecret!)
        .replace('$off', off!.ClientId!)
        .replace('$secret', clientSecret)
        .replace('$id', clientId)
      const received = await fetch(config.endpoints.oauth + path, {
        method,
        headers,
        ...(filled !== undefined && { body: filled }),
      })
      expect([received.status, await received.text()]).toEqual([
        response.status,
        matching(response.body),
      ])
      for (const [name, value] of Object.entries(response.headers ?? {})) {
        expect(received.headers.get(name)).toBe(value)
      }
    },
  )
})

it('every recorded fact about a service names its source', () => {
  for (const { fact, source } of [...secrets, ...oauth]) {
    expect(source.length, fact).toBeGreaterThan(10)
  }
})
