import { generateText, streamText } from 'ai'
import { Window } from 'happy-dom'
import { createElement } from 'react'
import { describe, expect, test, vi } from 'vitest'
import { signedModel } from './ai-sdk.ts'
import { behindIam } from './bridge.ts'
import { honoClient } from './hono.ts'
import { orpcClient } from './orpc.ts'
import { handle } from './server.ts'
import { jsonFetcher } from './swr.ts'
import { trpcClient } from './trpc.ts'
import { urqlClient } from './urql.ts'

// SWR and React decide by these globals, when they are loaded, whether there is a page.
const page = new Window()
Object.assign(globalThis, { window: page, document: page.document })
const { createRoot } = await import('react-dom/client')
const { default: useSWR } = await import('swr')

const api = behindIam(handle)

describe('over a signing fetch', () => {
  test('the API refuses who does not sign', async () => {
    expect((await fetch(`${api.url()}/notes`)).status).toBe(403)
  })

  test('useSWR shows JSON, and an error for a status that is not a success', async () => {
    const fetcher = jsonFetcher<{ text: string }[]>(api.iamFetch)
    const Notes = ({ path }: { path: string }) => {
      const { data, error } = useSWR<{ text: string }[], Error>(path, fetcher)
      return createElement('p', null, error?.message ?? data?.[0]?.text ?? 'loading')
    }
    for (const [path, shown] of [
      ['/notes', 'first'],
      ['/missing', '/missing responded with 404'],
    ] as const) {
      const place = document.createElement('div')
      createRoot(place).render(createElement(Notes, { path }))
      await vi.waitFor(() => expect(place.textContent).toBe(shown), 5_000)
    }
  })

  test('tRPC queries, batches and mutates', async () => {
    const trpc = trpcClient(api.iamFetch, api.url())
    expect(await Promise.all([trpc.hello.query(), trpc.hello.query()])).toEqual(['hello', 'hello'])
    expect(await trpc.add.mutate({ a: 1, b: 2 })).toBe(3)
  })

  test('the client of Hono reads and writes with the types of the app', async () => {
    const client = honoClient(api.iamFetch, api.url())
    expect(await (await client.notes.$get()).json()).toEqual([{ text: 'first' }])
    const added = await client.notes.$post({}, { init: { body: '{"text":"second"}' } })
    expect([added.status, await added.json()]).toEqual([201, { added: { text: 'second' } }])
  })

  test('oRPC calls a procedure', async () => {
    const orpc = orpcClient(api.iamFetch, api.url())
    expect(await orpc.hello()).toBe('hello of oRPC')
  })

  test('urql sends a query with variables', async () => {
    const client = urqlClient(api.iamFetch, `${api.url()}/graphql`)
    const { data, error } = await client
      .query('query Hello($name: String!) { hello(name: $name) }', { name: 'alice' })
      .toPromise()
    expect([data, error]).toEqual([{ hello: 'hello alice' }, undefined])
  })

  test('the AI SDK generates and streams text', async () => {
    const model = signedModel(api.iamFetch, api.url(), 'own')
    expect((await generateText({ model, prompt: 'hi' })).text).toBe('hello of the model')
    let text = ''
    for await (const part of streamText({ model, prompt: 'hi' }).textStream) text += part
    expect(text).toBe('hello in parts')
  })
})
