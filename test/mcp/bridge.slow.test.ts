import { join } from 'node:path'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { testBridge } from './bridge-tests.ts'

const CLI = join(import.meta.dirname, '../../packages/iamfetch/src/cli/cli.ts')

testBridge(
  (url) =>
    new StdioClientTransport({
      command: process.execPath,
      args: [
        '--conditions=@iamfetch/source',
        '--disable-warning=ExperimentalWarning',
        CLI,
        'mcp',
        url,
      ],
      env: {
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_REGION: 'eu-central-1',
      },
    }),
)
