import type { TestProject } from 'vitest/node'
import { startOriginAccessControl, startStreamingServer } from '@iamfetch/testing/servers'
import { startUploads } from './uploads/upload-stack.ts'

/** Starts the servers that tests in a browser call. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const distribution = await startOriginAccessControl()
  const streaming = await startStreamingServer()
  provide('originAccessControl', distribution.url)
  provide('streamingServer', streaming.url)
  const uploads = await startUploads()
  const [alice, bob] = await Promise.all([
    uploads.stack.signIn('alice'),
    uploads.stack.signIn('bob'),
  ])
  const { config } = uploads.stack
  provide('uploads', {
    url: config.apis.files.url,
    region: config.region,
    identityPoolId: config.identityPoolId,
    endpoint: config.endpoints.cognitoIdentity,
    idTokens: { alice: alice.idToken, bob: bob.idToken },
  })
  return async () => {
    await distribution.stop()
    await streaming.stop()
    await uploads.stop()
  }
}
