// The bench in a page: bundled by run.mjs, started by `bench(task)`.
import { createSigner } from '@iamfetch/sigv4'
import { measure, roundsFor } from './measure.mjs'
import { credentialsOf, host, path, query, subjectsOf } from './subjects.mjs'

globalThis.bench = ({ size, cold }) =>
  measure(subjectsOf(size, cold, onlyPage), { rounds: roundsFor(size), sliceMs: 10 })

/** What every signer of a `Request` asks of the platform: no signer can save more than the rest. */
const onlyPage = ({ body, method, headers }) => {
  const encoder = new TextEncoder()
  const address = `https://${host}${path}?${query}`
  const canonicalRequest = 'x'.repeat(1_400)
  const signed = {
    ...headers,
    'x-amz-security-token': 'x'.repeat(1_000),
    authorization: 'x'.repeat(200),
  }
  const digest = (data) => crypto.subtle.digest('SHA-256', data)
  return {
    "the platform's calls": async () => {
      const url = new URL(address)
      const bytes = typeof body === 'string' ? encoder.encode(body) : (body ?? new Uint8Array())
      await digest(bytes)
      await digest(encoder.encode(canonicalRequest))
      return new Request(url, {
        method,
        headers: signed,
        ...(body !== undefined && { body: bytes }),
      })
    },
  }
}

/**
 * The longest time, in milliseconds, for which the page did nothing else while `size` bytes were signed, and while
 * nothing was: what a busy machine makes of it alone.
 */
globalThis.longestBlock = async (size) => {
  const signer = createSigner({ credentials: credentialsOf(false) })
  const url = 'https://abcdefghij.execute-api.eu-central-1.amazonaws.com/prod/items'
  const body = crypto.getRandomValues(new Uint8Array(65_536))
  const bytes = new Uint8Array(size).map((_, i) => body[i % body.length])
  const longest = async (run) => {
    const { port1, port2 } = new MessageChannel()
    let last = performance.now()
    let most = 0
    port1.addEventListener('message', () => {
      const now = performance.now()
      most = Math.max(most, now - last)
      last = now
      port2.postMessage(0)
    })
    port1.start()
    port2.postMessage(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    most = 0
    await run()
    await new Promise((resolve) => setTimeout(resolve, 50))
    port1.close()
    return most
  }
  const signing = []
  const idle = []
  for (let i = 0; i < 11; i++) {
    signing.push(await longest(() => signer.sign(url, { method: 'POST', body: bytes })))
    idle.push(await longest(() => new Promise((resolve) => setTimeout(resolve, 30))))
  }
  return { signing, idle }
}
