import { Sha256 } from '@aws-crypto/sha256-js'
import { fixedClock } from '@iamfetch/testing'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, test } from 'vitest'
import { signWebSocketUrl } from '../src/index.ts'
import { credentialsOf } from './fixtures.ts'

test('the MQTT URL of AWS IoT is signed without the session token, which is added afterwards', async () => {
  const clock = fixedClock()
  const hostname = 'abc123-ats.iot.eu-central-1.amazonaws.com'
  const credentials = credentialsOf('A')
  const url = await signWebSocketUrl({ url: `wss://${hostname}/mqtt`, credentials, clock })
  const { accessKeyId, secretAccessKey } = credentials
  const theirs = await new SignatureV4({
    service: 'iotdevicegateway',
    region: 'eu-central-1',
    sha256: Sha256,
    applyChecksum: false,
    // AWS's signer knows no token that is not signed: it is given none.
    credentials: { accessKeyId, secretAccessKey },
  }).presign(
    new HttpRequest({ protocol: 'wss:', hostname, path: '/mqtt', headers: { host: hostname } }),
    { signingDate: new Date(clock.now()), expiresIn: 300 },
  )
  const { 'X-Amz-Security-Token': token, ...signed } = Object.fromEntries(url.searchParams)
  expect(token).toBe('session-A')
  expect(signed).toEqual(theirs.query)
})
