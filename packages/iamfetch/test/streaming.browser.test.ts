import { streamingServer } from './loopback-servers.ts'
import { describeStreaming } from './streaming-tests.ts'

describeStreaming(streamingServer)
