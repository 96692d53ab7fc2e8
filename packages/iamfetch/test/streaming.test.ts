import { startStreamingServer, type RunningServer } from '@iamfetch/testing/servers'
import { afterAll, beforeAll } from 'vitest'
import { describeStreaming } from './streaming-tests.ts'

let server: RunningServer
beforeAll(async () => {
  server = await startStreamingServer()
})
afterAll(() => server.stop())

describeStreaming(() => server.url)
