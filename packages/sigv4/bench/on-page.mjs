// The bench in a page: bundled by run.mjs, started by `bench(task)`.
import { createSigner } from '@iamfetch/sigv4'
import { measure, roundsFor } from './measure.mjs'
import { credentialsOf, subjectsOf } from './subjects.mjs'

globalThis.bench = ({ size, cold }) =>
  measure(subjectsOf(size, cold), { rounds: roundsFor(size), sliceMs: 10 })

/** The longest time, in milliseconds, for which the page did nothing else while `size` bytes were signed. */
globalThis.longestBlock = async (size) => {
  const signer = createSigner({ credentials: credentialsOf(false) })
  const url = 'https://abcdefghij.execute-api.eu-central-1.amazonaws.com/prod/items'
  const body = crypto.getRandomValues(new Uint8Array(65_536))
  const bytes = new Uint8Array(size).map((_, i) => body[i % body.length])
  const longest = async (run) => {
    const { port1, port2 } = new MessageChannel()
    let last = performance.now()
    let most = 0
    port1.onmessage = () => {
      const now = performance.now()
      most = Math.max(most, now - last)
      last = now
      port2.postMessage(0)
    }
    port2.postMessage(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    most = 0
    await run()
    await new Promise((resolve) => setTimeout(resolve, 50))
    port1.close()
    return most
  }
  const runs = []
  for (let i = 0; i < 7; i++) {
    runs.push(await longest(() => signer.sign(url, { method: 'POST', body: bytes })))
  }
  return runs
}
