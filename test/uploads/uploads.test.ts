import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uploadFileWithProgress } from './upload-from-node.ts'
import { startUploads } from './upload-stack.ts'

const SIZE = 3_000_000
let aheadMs = 0
let running: Awaited<ReturnType<typeof startUploads>>
let folder: string
let file: string
beforeAll(async () => {
  running = await startUploads(() => Date.now() + aheadMs)
  folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  file = join(folder, 'photo.png')
  await writeFile(file, new Uint8Array(SIZE))
})
afterAll(async () => {
  await running.stop()
  await rm(folder, { recursive: true, force: true })
})

async function requestUrl(username: 'alice' | 'bob'): Promise<Response> {
  const { config } = running.stack
  const { idToken } = await running.stack.signIn(username)
  const iamFetch = createIamFetch({
    baseUrl: config.apis.files.url,
    region: config.region,
    credentials: cognitoCredentials({
      identityPoolId: config.identityPoolId,
      idToken: async () => idToken,
      endpoint: config.endpoints.cognitoIdentity,
    }),
  })
  return iamFetch('/uploads', { method: 'POST', body: '{}' })
}

const urlFor = async (): Promise<{ url: string; key: string }> => (await requestUrl('alice')).json()

test('alice gets a presigned URL from a route that IAM guards, and uploads a file with progress', async () => {
  const { url, key } = await urlFor()
  const steps: number[] = []
  await uploadFileWithProgress(url, file, 'image/png', (sent, total) => {
    expect(total).toBe(SIZE)
    steps.push(sent)
  })
  expect(steps.length).toBeGreaterThan(1)
  expect(steps.at(-1)).toBe(SIZE)
  expect(running.s3.objects.get(key)).toStrictEqual({ contentType: 'image/png', bytes: SIZE })
})

test('bob gets no URL, because IAM refuses him', async () => {
  const response = await requestUrl('bob')
  expect(response.status).toBe(403)
  expect(response.headers.get('x-local-reason')).toMatch(/ReadersRole allows execute-api:Invoke/)
})

test.each<[string, (url: string) => string]>([
  ['another key', (url) => url.replace('/photo-', '/invoice-')],
  ['another signature', (url) => url.replace(/X-Amz-Signature=./, 'X-Amz-Signature=g')],
  ['a longer life', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
  ['an added parameter', (url) => `${url}&acl=public-read`],
])('a URL with %s is refused, and the error does not contain it', async (_, alter) => {
  const { url } = await urlFor()
  const before = running.s3.objects.size
  const pending = uploadFileWithProgress(alter(url), file, 'image/png', () => {})
  await expect(pending).rejects.toThrow(/^S3 refused the upload with a 403\.$/)
  expect(running.s3.objects.size).toBe(before)
})

test('a URL works for a minute', async () => {
  const { url } = await urlFor()
  aheadMs = 61_000
  const pending = uploadFileWithProgress(url, file, 'image/png', () => {})
  await expect(pending).rejects.toThrow('S3 refused the upload with a 403.')
  aheadMs = 0
})
