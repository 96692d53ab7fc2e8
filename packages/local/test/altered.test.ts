import { expect, it } from 'vitest'
import { meaning, openApi, signedRequests, type Wire } from './support/alter.ts'
import { tryAltered } from './support/try-altered.ts'

it('accepts none of 3,000 randomly altered signed requests', async () => {
  const { accepted, handled, unaltered, refusals } = await tryAltered(3_000, 1)
  expect(accepted).toEqual([])
  expect(handled).toBe(0)
  expect(new Set(unaltered)).toEqual(new Set([200]))
  // They were refused for what they are, each way was met.
  for (const kind of [
    'InvalidSignature',
    'IncompleteSignature',
    'UnrecognizedClient',
    'BadRequest',
  ]) {
    expect(refusals[kind]).toBeGreaterThan(30)
  }
})

it('accepts none of 500 altered requests of a service at a REST API whose resource policy allows everybody', async () => {
  const { accepted, handled, unaltered } = await tryAltered(500, 2, 'rest')
  expect(accepted).toEqual([])
  expect(handled).toBe(0)
  expect(new Set(unaltered)).toEqual(new Set([200]))
})

it('accepts another spelling of the same request, and no alteration is taken for one', async () => {
  const api = openApi()
  const requests = await signedRequests()
  const wire = requests[1]!
  const same: Wire[] = [
    { ...wire, target: '/files/a/b?a=1&a=0&b=2&empty=&text=two%20words%2B%C3%A9' },
    { ...wire, target: '/files/a/b?a=0&b=2&a=1&empty=&text=two+words%2b%c3%a9' },
    { ...wire, target: '/files/a/b?&a=%30&b=2&&a=1&empty&text=two%20words%2B%C3%A9&' },
    { ...wire, headers: wire.headers.toReversed() },
    { ...wire, headers: wire.headers.map(([name, value]) => [name.toUpperCase(), value]) },
    { ...wire, headers: [...wire.headers, ['accept', '*/*']] },
  ]
  for (const one of same) {
    expect(meaning(one)).toBe(meaning(wire))
    expect((await api.try(one)).status).toBe(200)
  }
  expect(new Set(requests.map(meaning)).size).toBe(requests.length)
})
