import type { TestProject } from 'vitest/node'
import { startOriginAccessControl, startStreamingServer } from '@iamfetch/testing/servers'

/** Starts the servers that tests in a browser call. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const distribution = await startOriginAccessControl()
  const streaming = await startStreamingServer()
  provide('originAccessControl', distribution.url)
  provide('streamingServer', streaming.url)
  return async () => {
    await distribution.stop()
    await streaming.stop()
  }
}
