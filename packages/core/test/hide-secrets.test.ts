import { cpuMs } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { hideSecrets } from '../src/index.ts'

const SESSION_TOKEN = `IQoJb3JpZ2luX2VjE${'Aa0/+'.repeat(60)}==`
const SECRETS = {
  'a session token': SESSION_TOKEN,
  'a session token escaped for a URL': encodeURIComponent(SESSION_TOKEN),
  'a session token without slashes': SESSION_TOKEN.replaceAll('/', '-'),
  'an ID token': `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.${'c2lnbmF0dXJl'.repeat(4)}`,
  'the payload of an ID token': 'eyJzdWIiOiJhbGljZSJ9',
  'a secret access key': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'another secret access key': 'h7Yq0ZtV3nB/kq2WcPdS+1mLx8uR5eJfGa9TbNvZ',
  'a signature': 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  'a client secret of Cognito': '1ab2cd3ef4gh5ij6kl7mn8op9qr0st1uv2wx3yz4ab5cd6ef7gh',
  'an opaque token': '9f86d081884c7d659a2feaa0c55ad015',
}

describe.each(Object.entries(SECRETS))('%s is hidden', (_, secret) => {
  test.each([
    (it: string) => it,
    (it: string) => `User: ${it} is not authorized`,
    (it: string) => `{"message":"${it}"}`,
    (it: string) => `arn:aws:sts::123456789012:assumed-role/${it}/session`,
    (it: string) => `/prod/${it}/notes`,
    (it: string) => `?token=${it}&x=1`,
    (it: string) => `Authorization=Bearer ${it}`,
    (it: string) => `authorization: Bearer ${it}\nhost: a`,
    (it: string) => `one ${it}, another ${it}.`,
  ])('in %s', (put) => {
    const shown = hideSecrets(put(secret))
    for (let at = 0; at + 24 <= secret.length; at += 8) {
      expect(shown).not.toContain(secret.slice(at, at + 24))
    }
    expect(shown).toContain('…')
  })
})

test.each([
  ['Authorization=Bearer short', 'Authorization=…'],
  ['authorization: Bearer short\nhost: a', 'authorization: …\nhost: a'],
  ['Credential=AKIA/x, Signature=abc', 'Credential=…, Signature=…'],
  [
    '?X-Amz-Security-Token=abc&X-Amz-Signature=def&a=1',
    '?X-Amz-Security-Token=…&X-Amz-Signature=…&a=1',
  ],
])('%j becomes %j: what follows these names is a secret of any length', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown)
})

test.each([
  'arn:aws:sts::123456789012:assumed-role/GroupAccessStack-ReadersRoleB5D2A3F4-1A2B3C4D5E6F/CognitoIdentityCredentials',
  'arn:aws:execute-api:eu-central-1:********9012:abc123defg/prod/POST/customers/orders/attachments/latest',
  'arn:aws:iam::123456789012:role/service-role/MyVeryLongRoleNameForReadersOfDocuments',
  'eu-central-1:11111111-2222-3333-4444-555555555555',
  '/prod/users/3fa85f64-5717-4562-b3fc-2c963f66afa6/orders/3fa85f64-5717-4562-b3fc-2c963f66afa6',
  'https://abc123defg.execute-api.eu-central-1.amazonaws.com/prod/test',
  'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E',
  'content-type;host;x-amz-date;x-amz-iamfetch-identity;x-amz-security-token',
  'The security token included in the request is expired',
  'Signature expired: 20260101T000000Z is now earlier than 20260101T015500Z (20260101T020000Z - 5 min.)',
  "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter.",
  'Send a bearer token to this route, not a signature.',
  'JKJaXmPLvHcESHA=',
])('%s stays readable', (text) => {
  expect(hideSecrets(text)).toBe(text)
})

test('secrets that the caller knows are hidden in whatever form they have', () => {
  expect(hideSecrets('the key is hunter/2, hunter%2F2', ['hunter/2', ''])).toBe('the key is …, …')
})

test('a text that is hidden already does not change', () => {
  for (const secret of Object.values(SECRETS)) {
    const once = hideSecrets(`Authorization: x ${secret} Signature=${secret}`)
    expect(hideSecrets(once)).toBe(once)
  }
})

test.each([
  ['tokens that begin and do not end', 'eyJ'],
  ['pieces of a path', 'Ab0/'],
  ['escapes', '%25'],
  ['names of secrets', 'authorization: '],
  ['echoed headers', 'authorization='],
  ['digits and dashes', '-0A1b2C3d4E5'],
  ['GUIDs without end', '11111111-2222-3333-4444-'],
  ['bearers', 'bearer '],
  ['one letter', 'a'],
])('%s take linear time', async (_, piece) => {
  const time = (length: number): Promise<number> => {
    const text = piece.repeat(Math.ceil(length / piece.length))
    return cpuMs(() => void hideSecrets(text))
  }
  await time(10_000)
  expect(await time(1_000_000)).toBeLessThan(1_000)
})
