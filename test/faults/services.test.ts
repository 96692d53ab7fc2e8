import { createIamFetch, type FetchEvent } from 'iamfetch'
import { explain } from 'iamfetch/explain'
import { beforeEach, expect, test } from 'vitest'
import { groupAccess } from '../group-access.ts'
import { HOUR, MINUTE } from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

// The local Secrets Manager verifies signatures with the gateway's verifier, and answers as AWS's services do: 400.
const scene = await sceneOfFile({
  ...groupAccess,
  resourceServers: { premium: ['read'] },
  appClients: { acme: { scopes: ['premium/read'] } },
})
beforeEach(() => scene.faults.reset())

function secretsOf(skewMs: number) {
  const { stack } = scene
  const events: FetchEvent[] = []
  const iamFetch = createIamFetch({
    baseUrl: stack.config.endpoints.secretsManager,
    region: stack.config.region,
    service: 'secretsmanager',
    credentials: stack.admin,
    clock: scene.laptop(skewMs),
    onEvent: (event) => events.push(event),
  })
  const read = (): Promise<Response> =>
    iamFetch('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: 'acme' }),
    })
  return { read, events }
}

test.each([
  ['ten minutes slow', -10 * MINUTE],
  ['six minutes fast', 6 * MINUTE],
  ['two hours fast', 2 * HOUR],
])('a clock that is %s costs Secrets Manager one refused request, then none', async (_, skewMs) => {
  const { read, events } = secretsOf(skewMs)
  for (let i = 0; i < 3; i++) {
    const answer = await read()
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ Name: 'acme' })
  }
  expect(scene.asked()).toEqual({ GetSecretValue: 4 })
  const [corrected, ...more] = events.filter(({ type }) => type === 'clock-corrected')
  expect(corrected).toMatchObject({ attempt: 1, offsetMs: -skewMs })
  expect(more).toEqual([])
})

test('a clock that is two hours slow is not corrected for long-lived keys: a signature may be dated 15 minutes ahead at most', async () => {
  const { read, events } = secretsOf(-2 * HOUR)
  for (let i = 0; i < 3; i++) expect((await read()).status).toBe(400)
  expect(scene.asked()).toEqual({ GetSecretValue: 3 })
  expect(events.filter(({ type }) => type === 'clock-corrected')).toEqual([])
})

test('a refusal by Secrets Manager is explained as one by a gateway is', async () => {
  const message = 'The security token included in the request is expired'
  const refusal = { type: 'ExpiredTokenException', message }
  scene.faults.next('GetSecretValue', { fault: 'refuse', refusal })
  const answer = await secretsOf(0).read()
  expect(answer.status).toBe(400)
  expect(await explain(answer)).toMatchObject({
    code: 'TOKEN_EXPIRED',
    responsible: 'session',
    rule: `400 ExpiredTokenException ${message}`,
  })
  expect(scene.asked()).toEqual({ GetSecretValue: 1 })
})
