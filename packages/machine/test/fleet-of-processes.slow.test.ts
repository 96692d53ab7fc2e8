import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { startRedis, type ServerProcess } from '@iamfetch/testing/servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jwt } from './endpoint.ts'
import type { Report } from './fleet-member.ts'

const PROCESSES = 20
const CALLS = 500
const TENANTS = ['tenant-a', 'tenant-b']

let idp: Server
let redis: ServerProcess
const members: ChildProcess[] = []
const minted: string[] = []

beforeAll(async () => {
  idp = createServer((request, response) => {
    void text(request).then((body) => {
      const form = new URLSearchParams(body)
      const tenant = form.get('client_id') ?? ''
      const known = form.get('client_secret') === `secret-of-${tenant}`
      if (known) minted.push(tenant)
      const exp = Math.floor(Date.now() / 1_000) + 3_600
      const claims = { client_id: tenant, token_use: 'access', scope: form.get('scope'), exp }
      const token = {
        access_token: jwt({ ...claims, jti: minted.length }),
        token_type: 'Bearer',
        expires_in: 3_600,
      }
      response.writeHead(known ? 200 : 400, { 'content-type': 'application/json' })
      response.end(JSON.stringify(known ? token : { error: 'invalid_client' }))
    })
  })
  idp.listen(0, '127.0.0.1')
  await once(idp, 'listening')
  redis = await startRedis()
}, 200_000)

afterAll(async () => {
  for (const member of members) member.kill('SIGKILL')
  idp.closeAllConnections()
  idp.close()
  await redis?.stop()
})

const tell = async (order: string): Promise<Report[]> => {
  const reports = members.map(async (member) => {
    const answered = once(member, 'message')
    member.send(order)
    const [report]: Report[] = await answered
    return report!
  })
  return Promise.all(reports)
}

test('20 processes with 500 calls each mint one token per key, and lose no call when the store dies half-way', async () => {
  const address = idp.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const args = [`http://127.0.0.1:${port}`, String(redis.port), String(CALLS), ...TENANTS]
  for (let index = 0; index < PROCESSES; index++) {
    members.push(
      fork(new URL('fleet-member.ts', import.meta.url), args, {
        execArgv: ['--conditions=@iamfetch/source', '--disable-warning=ExperimentalWarning'],
      }),
    )
  }
  await Promise.all(members.map((member) => once(member, 'message')))

  const half = await tell('begin')
  expect(half.flatMap(({ failed }) => failed)).toEqual([])
  expect(half.map(({ done }) => done)).toEqual(members.map(() => CALLS / 2))
  expect(minted.toSorted()).toEqual(TENANTS)
  const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0)
  expect(sum(half.map((report) => report.minted))).toBe(TENANTS.length)
  expect(sum(half.map((report) => report.shared))).toBe(TENANTS.length * (PROCESSES - 1))

  await redis.stop()
  const whole = await tell('go on')
  expect(whole.flatMap(({ failed }) => failed)).toEqual([])
  expect(sum(whole.map(({ done }) => done))).toBe(PROCESSES * CALLS)
  // Without a store each process has to help itself, once a key.
  expect(minted).toHaveLength(TENANTS.length * (1 + PROCESSES))
  expect(whole.every(({ storeFailures }) => storeFailures > 0)).toBe(true)
}, 120_000)
