import { os, type RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { buildSchema, graphql } from 'graphql'
import { Hono } from 'hono'

const app = new Hono()
  .get('/notes', (c) => c.json([{ text: 'first' }]))
  .post('/notes', async (c) => c.json({ added: await c.req.json<{ text: string }>() }, 201))

export type HonoApp = typeof app

const t = initTRPC.create()
const trpcRouter = t.router({
  hello: t.procedure.query(() => 'hello'),
  add: t.procedure
    .input((value: unknown) => value as { a: number; b: number })
    .mutation(({ input }) => input.a + input.b),
})
export type TrpcRouter = typeof trpcRouter

const orpcRouter = { hello: os.handler(() => 'hello of oRPC') }
export type OrpcClient = RouterClient<typeof orpcRouter>

const rpc = new RPCHandler(orpcRouter)
const schema = buildSchema('type Query { hello(name: String!): String }')
const completion = {
  id: '1',
  object: 'chat.completion',
  created: 0,
  model: 'own',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'hello of the model' },
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}
const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ ...completion, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

/** What the recipes call: a Hono app, a tRPC and an oRPC router, GraphQL, and the API of a model. */
export async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname.startsWith('/trpc')) {
    return fetchRequestHandler({ endpoint: '/trpc', req: request, router: trpcRouter })
  }
  if (pathname.startsWith('/rpc')) {
    const { response } = await rpc.handle(request, { prefix: '/rpc', context: {} })
    return response ?? new Response(null, { status: 404 })
  }
  if (pathname === '/graphql') {
    const { query, variables } = await request.json()
    const rootValue = { hello: ({ name }: { name: string }) => `hello ${name}` }
    return Response.json(
      await graphql({ schema, source: query, variableValues: variables, rootValue }),
    )
  }
  if (pathname === '/chat/completions') {
    const { stream } = await request.json()
    if (!stream) return Response.json(completion)
    const text =
      chunk({ role: 'assistant', content: 'hello ' }, null) + chunk({ content: 'in parts' }, 'stop')
    return new Response(`${text}data: [DONE]\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    })
  }
  return app.fetch(request)
}
