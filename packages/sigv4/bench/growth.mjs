import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSigner } from '@iamfetch/sigv4'
import { credentialsOf } from './subjects.mjs'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** Bytes in use once what nobody needs is gone; buffers go one collection after their owners. */
async function heldBytes() {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    collect()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const base = 'https://abcdefghij.execute-api.eu-central-1.amazonaws.com/prod/items'
const one = createSigner({ credentials: credentialsOf(false) })
const post = (body) => ({ method: 'POST', body })

/** What a run with `many` of something does. */
const KINDS = [
  [
    'concurrent callers',
    [1, 10, 100, 1_000, 10_000],
    (many) => () =>
      Promise.all(Array.from({ length: many }, () => one.sign(base, post('{}')))).then(() => many),
  ],
  [
    'query parameters',
    [1, 10, 100, 1_000],
    (many) => {
      const query = Array.from({ length: many }, (_, i) => `key${i}=value%20${i}`).join('&')
      return () => one.sign(`${base}?${query}`).then(() => many)
    },
  ],
  [
    'kB of body',
    [1, 100, 1_024, 10_240],
    (many) => {
      const body = new Uint8Array(many * 1_024)
      return () => one.sign(base, post(body)).then(() => many)
    },
  ],
  [
    'identities, each in turn',
    [1, 10, 100, 1_000],
    (many) => {
      const signers = Array.from({ length: many }, () =>
        createSigner({ credentials: credentialsOf(true) }),
      )
      return async () => {
        for (const signer of signers) await signer.sign(base)
        return many
      }
    },
  ],
]

/** Time and memory over growing numbers. */
export async function growth() {
  const rows = []
  for (const [what, numbers, make] of KINDS) {
    for (const many of numbers) {
      const run = make(many)
      for (let i = 0; i < 3; i++) await run()
      const before = await heldBytes()
      const times = []
      for (let i = 0; i < 5; i++) {
        const start = performance.now()
        await run()
        times.push(performance.now() - start)
      }
      const after = await heldBytes()
      const ms = times.toSorted((a, b) => a - b)[2]
      rows.push({
        what,
        many,
        ms,
        eachUs: (ms * 1_000) / many,
        heldKb: (after - before) / 1_024,
      })
    }
  }
  return rows
}
