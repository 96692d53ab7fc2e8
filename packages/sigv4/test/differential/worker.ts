import { parentPort } from 'node:worker_threads'
import { runBatch, type Batch } from './batch.ts'

parentPort?.on('message', (batch: Batch) => {
  void runBatch(batch)
    .catch(String)
    .then((answer) => parentPort?.postMessage(answer, []))
})
