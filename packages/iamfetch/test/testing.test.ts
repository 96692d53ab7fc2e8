import { describeRefusal } from 'iamfetch'
import { fakeIam } from 'iamfetch/testing'
import { expect, test } from 'vitest'

test('a chosen user is signed in, with groups, roles and credentials', async () => {
  const iam = fakeIam({ user: { username: 'böb', groups: ['ReadOnly', 'Staff'] } })
  await iam.ready
  expect(iam.credentials.status()).toMatchObject({
    state: 'ready',
    signedIn: true,
    username: 'böb',
    groups: ['ReadOnly', 'Staff'],
    preferredRole: 'arn:aws:iam::123456789012:role/ReadOnlyRole',
    error: undefined,
  })
  expect((await iam.credentials()).accessKeyId).toMatch(/^ASIA/)
})

test('calls are answered by "respond", signed as they would be', async () => {
  const requests: Request[] = []
  const iam = fakeIam({
    respond(request) {
      requests.push(request)
      return Response.json([{ id: 1 }])
    },
  })
  expect(await (await iam.fetch('/notes?page=2')).json()).toEqual([{ id: 1 }])
  expect(requests[0]!.url).toBe('https://api.example.com/notes?page=2')
  expect(requests[0]!.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIA/)
})

test('a route that is not permitted is refused as IAM refuses it', async () => {
  const iam = fakeIam({
    user: { username: 'bob', groups: ['ReadOnly'] },
    permissions: { 'POST /notes/{id}': false, 'ANY /admin/{proxy+}': false },
  })
  const refused = await iam.fetch('/notes/7', { method: 'POST' })
  expect(refused.status).toBe(403)
  expect(await describeRefusal(refused)).toMatchObject({
    code: 'ACCESS_DENIED',
    message: expect.stringContaining('ReadOnlyRole'),
  })
  expect((await iam.fetch('/admin/users/1')).status).toBe(403)
  for (const path of ['/notes/7', '/notes', '/admin']) {
    expect((await iam.fetch(path)).status).toBe(200)
  }
})

test('nobody is signed in if "user" is null', async () => {
  const iam = fakeIam({ user: null })
  await iam.ready
  expect(iam.credentials.status()).toMatchObject({ signedIn: false, state: 'failed' })
  await expect(iam.fetch('/notes')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
})

test('an exchange may be under way for ever, or fail', async () => {
  const loading = fakeIam({ state: 'loading' })
  await loading.ready
  expect(loading.credentials.status()).toMatchObject({ state: 'loading', signedIn: true })
  const failed = fakeIam({ state: 'failed' })
  await failed.ready
  expect(failed.credentials.status()).toMatchObject({
    state: 'failed',
    error: { code: 'SERVICE_UNAVAILABLE' },
  })
})

test('users can be switched and signed out', async () => {
  const iam = fakeIam()
  await iam.ready
  await iam.signIn({ username: 'bob', role: 'arn:aws:iam::1:role/Other' })
  expect(iam.credentials.status()).toMatchObject({
    username: 'bob',
    preferredRole: 'arn:aws:iam::1:role/Other',
  })
  iam.signOut()
  await expect(iam.fetch('/notes')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  expect(iam.credentials.status().signedIn).toBe(false)
})

test('wrong options are refused', () => {
  expect(() => fakeIam({ permissions: { '/notes': false } })).toThrow(
    'fakeIam: "permissions" must have routes as names, such as "POST /notes/{id}", got "/notes"',
  )
  expect(() => fakeIam({ state: 'redy' as never })).toThrow('"state" must be')
  expect(() => fakeIam({ user: { name: 'bob' } as never })).toThrow('name')
})
