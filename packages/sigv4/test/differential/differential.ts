import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { addTally, type Batch, type Tally } from './batch.ts'

/** How much, from which seed on, and on how many threads. */
export interface DifferentialOptions {
  cases: number
  /** A batch of 1,000 each takes the next one. @default 1 */
  seed?: number | undefined
  /** @default one a processor */
  workers?: number | undefined
  /** Hears how many cases are through, about every 50,000. */
  onProgress?: ((done: number) => void) | undefined
}

const BATCH = 1_000

/**
 * Signs many generated requests in several threads, and has each of them signed by another library.
 *
 * @returns How many of them were compared.
 * @throws Error with the request and its seed at the first difference.
 */
export async function differential({
  cases,
  seed = 1,
  workers = availableParallelism(),
  onProgress,
}: DifferentialOptions): Promise<Tally> {
  const tally: Tally = {}
  const batches = Array.from({ length: Math.ceil(cases / BATCH) }, (_, i): Batch => ({
    seed: seed + i,
    cases: Math.min(BATCH, cases - i * BATCH),
  }))
  let [done, told] = [0, 0]
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { execArgv: FROM_SOURCE })
    try {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        worker.postMessage(batch, [])
        const [answer] = (await once(worker, 'message')) as [Tally | string]
        if (typeof answer === 'string') throw new Error(answer)
        addTally(tally, answer)
        done += batch.cases
        if (done - told >= 50_000) onProgress?.((told = done))
      }
    } finally {
      batches.length = 0
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return tally
}

const FROM_SOURCE = ['--conditions=@iamfetch/source', '--no-warnings']
