import { expect, test } from 'vitest'
import { cognitoCredentials, createIamFetch } from '../src/index.ts'
import { originAccessControl, streamingServer, uploads } from './loopback-servers.ts'
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

async function requestUrl(username: 'alice' | 'bob'): Promise<Response> {
  const { url, region, identityPoolId, endpoint, idTokens } = uploads()
  const idToken = async (): Promise<string> => idTokens[username]
  const credentials = cognitoCredentials({ identityPoolId, idToken, endpoint })
  const iamFetch = createIamFetch({ baseUrl: url, region, credentials })
  return iamFetch('/uploads', { method: 'POST', body: '{}' })
}

test('a page uploads with progress to the URL that alice gets from a route that IAM guards', async () => {
  const { url } = await (await requestUrl('alice')).json()
  let sentBytes = 0
  await uploadWithProgress(url, file, (sent) => (sentBytes = sent))
  expect(sentBytes).toBe(file.size)
  const altered = url.replace('/photo-', '/invoice-')
  await expect(uploadWithProgress(altered, file, () => {})).rejects.toThrow(
    /^S3 refused the upload with a 403\.$/,
  )
})

test('a page of bob gets no URL, because IAM refuses him', async () => {
  const response = await requestUrl('bob')
  expect(response.status).toBe(403)
  expect(response.headers.get('x-local-reason')).toMatch(/ReadersRole allows execute-api:Invoke/)
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
