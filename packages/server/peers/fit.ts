// Compiled, never run: our middleware fits the real types of middy and Powertools.
import { Router } from '@aws-lambda-powertools/event-handler/http'
import { default as middy } from '@middy/core'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { requireCaller as ofMiddy } from '../src/middy.ts'
import { requireCaller as ofPowertools, type CallerStore } from '../src/powertools.ts'
import { withCaller } from '../src/index.ts'

export const handler = middy<APIGatewayProxyEventV2>()
  .use(ofMiddy({ groups: ['Editors'] }))
  .handler(async (_event: APIGatewayProxyEventV2, context) => ({
    statusCode: 200,
    body: context.caller.subject,
  }))

export const app = new Router<CallerStore>()
app.use(ofPowertools({ groups: ['Editors'] }))
app.get('/test', [ofPowertools({ scopes: ['a/b'] })], ({ get }) => ({
  subject: get('caller')?.subject ?? '',
}))

export const lambda = withCaller(
  async (event: APIGatewayProxyEventV2, context: Context, caller) => ({
    statusCode: 200,
    body: `${event.rawPath} ${context.awsRequestId} ${caller.subject}`,
  }),
)

// @ts-expect-error -- one text is no list
ofMiddy({ groups: 'Editors' })
// @ts-expect-error -- a pool without a word on its app clients
ofPowertools({ userPools: [{ userPoolId: 'eu-central-1_A' }] })
// @ts-expect-error -- no such kind
withCaller(() => 1, { kinds: ['admin'] })
// @ts-expect-error -- no such proof
withCaller(() => 1, { proof: 'some' })
