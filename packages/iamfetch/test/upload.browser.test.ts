import { expect, test } from 'vitest'
import { originAccessControl, streamingServer } from './loopback-servers.ts'
import { uploadWithProgress } from './upload-with-progress.ts'

const file = new Blob([new Uint8Array(3_000_000)], { type: 'image/png' })

test('the recipe for uploads reports each step of the way, up to the last byte', async () => {
  const steps: number[] = []
  await uploadWithProgress(`${originAccessControl()}/direct`, file, (sent, total) => {
    expect(total).toBe(file.size)
    steps.push(sent)
  })
  expect(steps.length).toBeGreaterThan(0)
  expect(steps.toSorted((a, b) => a - b)).toEqual(steps)
  expect(steps.at(-1)).toBe(file.size)
})

test('a refused upload is an error that does not contain the URL', async () => {
  const pending = uploadWithProgress(
    `${originAccessControl()}/x?X-Amz-Signature=secret`,
    file,
    () => {},
  )
  await expect(pending).rejects.toThrow(/^S3 refused the upload with a 403\.$/)
})

test('an abort ends an upload with its reason', async () => {
  const abort = new AbortController()
  const url = `${streamingServer()}/silent/${crypto.randomUUID()}`
  const pending = uploadWithProgress(url, file, () => {}, abort.signal)
  const reason = new Error('the user left')
  abort.abort(reason)
  await expect(pending).rejects.toBe(reason)
})
