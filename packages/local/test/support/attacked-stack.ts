// A stack in a process of its own, for a test to attack: one server of each kind. It prints its URLs as JSON.
import { startLocalStack, type RouteDefinition } from '../../src/index.ts'

const handler = (): unknown => ({ statusCode: 200, body: 'ok' })
const routes: Record<string, RouteDefinition> = {
  'ANY /{proxy+}': { auth: 'none', handler },
  'GET /iam': { auth: 'iam', handler },
}

const { config } = await startLocalStack({
  users: { alice: {} },
  hostedUi: { callbackUrls: ['http://localhost:5173/'] },
  apis: {
    http: { type: 'http', routes },
    rest: { type: 'rest', routes },
    signed: { type: 'websocket', routes: { $connect: { auth: 'iam', handler } } },
    open: {
      type: 'websocket',
      routes: {
        $connect: {
          handler: (event: { queryStringParameters?: { status?: string } }) => {
            const { status } = event.queryStringParameters ?? {}
            if (status === 'throw') throw new Error('$connect')
            return { statusCode: status ?? 200 }
          },
        },
        throws: { handler: () => Promise.reject(new Error('thrown')) },
        unserializable: { handler: () => ({ body: 1n }) },
        unreadable: {
          handler: () => {
            throw Object.create(null, {
              stack: {
                get: () => {
                  throw new Error('no stack')
                },
              },
            })
          },
        },
        slow: { handler: () => new Promise((resolve) => setTimeout(resolve, 5, { body: 'late' })) },
        $default: { handler: () => ({ body: 'hello' }) },
        $disconnect: { handler: () => Promise.reject(new Error('$disconnect')) },
      },
    },
  },
})
const urls = Object.values(config.apis).map(({ url }) => url)
console.log(JSON.stringify([config.endpoints.cognitoIdp, ...urls]))
process.stdin.resume().on('end', () => process.exit(0))
