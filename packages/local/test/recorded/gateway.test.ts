import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { ApiDefinition, RouteDefinition } from '../../src/index.ts'
import { serve } from '../support/gateway-scene.ts'
import type { GatewayFact } from './fact.ts'
import { httpEvents, httpPreflights, httpResults, httpRouting, httpTokens } from './http-api.ts'
import { httpCallers, restCallers, restMediaTypes } from './callers.ts'
import { matching } from './matching.ts'
import { restEvents, restResults, restRouting } from './rest-api.ts'

/** A route of a fact; it keeps the event that it receives. */
const routeOf = (
  route: GatewayFact['routes'][string],
  seen: { event?: unknown },
): RouteDefinition => {
  if (route === 'echo') {
    return {
      auth: 'none',
      handler: (event: unknown) => {
        seen.event = event
        return { statusCode: 200 }
      },
    }
  }
  const { auth = 'none', apiKeyRequired, echo, returns, throws } = route
  return {
    auth,
    ...(apiKeyRequired !== undefined && { apiKeyRequired }),
    handler: (event: unknown) => {
      if (echo) {
        seen.event = event
        return { statusCode: 200 }
      }
      if (throws) throw new Error('as the fact has it')
      return returns
    },
  }
}

/** The one authorizer of a fact. */
function authorizersOf({ authorizer }: GatewayFact): Pick<ApiDefinition, 'authorizers'> {
  if (!authorizer) return {}
  const { returns, throws, ...settings } = authorizer
  const handler = (): unknown => {
    if (throws !== undefined) throw new Error(throws)
    return returns
  }
  return { authorizers: { one: { ...settings, handler } } }
}

interface Received {
  status: number | undefined
  headers: NodeJS.Dict<string | string[]>
  body: string
}

/** Sends exactly this: `fetch` would add headers and tidy the path up. */
function send(port: number, fact: GatewayFact['request']): Promise<Received> {
  const { method = 'GET', path, headers = [], bytes } = fact
  const body = bytes === undefined ? fact.body : 'a'.repeat(bytes)
  const all = [['host', `127.0.0.1:${port}`], ...headers].flat()
  if (body !== undefined && !headers.some(([name]) => name === 'content-length')) {
    all.push('content-length', String(Buffer.byteLength(body)))
  }
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method, path, setHost: false, headers: all }
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { statusCode: status, headers: received } = response
        resolve({ status, headers: received, body: Buffer.concat(chunks).toString() })
      })
    })
    request.on('error', reject).end(body)
  })
}

/** Serves the API of a fact and sends its request. @returns What came back and what the handler received. */
async function observe(fact: GatewayFact): Promise<{ response: Received; event: unknown }> {
  const { type, stage, cors, request } = fact
  const seen: { event?: unknown } = {}
  const routes = Object.fromEntries(
    Object.entries(fact.routes).map(([key, route]) => [key, routeOf(route, seen)]),
  )
  const api = await serve(
    {
      type,
      routes,
      ...fact.api,
      ...authorizersOf(fact),
      ...(stage !== undefined && { stage }),
      ...(cors && { cors }),
    },
    { log: () => {} },
  )
  return { response: await send(api.port, request), event: seen.event }
}

/** A header that is not there has to be `undefined`. */
function expectedOf({ response, event }: GatewayFact): Record<string, unknown> {
  const { headers = {}, ...rest } = response ?? {}
  const wanted = Object.entries(headers).map(([name, value]) => [name, value ?? undefined])
  return {
    response: { ...rest, headers: Object.fromEntries(wanted) },
    ...(event && { event }),
  }
}

/** Whether a value has a member, by its path. */
function has(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
  return has(Object.getOwnPropertyDescriptor(value, name)?.value, rest)
}

describe.each([
  ['routing of a REST API', restRouting],
  ['what a REST API makes of a result', restResults],
  ['the event of a REST API', restEvents],
  ['who may call a REST API', restCallers],
  ['who may call an HTTP API', httpCallers],
  ['media types of a REST API', restMediaTypes],
  ['routing of an HTTP API', httpRouting],
  ['preflights of an HTTP API', httpPreflights],
  ['tokens of an HTTP API', httpTokens],
  ['what an HTTP API makes of a result', httpResults],
  ['the event of an HTTP API', httpEvents],
])('recorded on AWS: %s', (_, facts) => {
  it.each(facts.map((fact) => [fact.fact, fact] as const))('%s', async (_name, fact) => {
    const { response, event } = await observe(fact)
    const { headers } = response
    const named = Object.keys(fact.response?.headers ?? {}).map((name) => [name, headers[name]])
    const observed = { response: { ...response, headers: Object.fromEntries(named) }, event }
    expect(observed).toEqual(matching(expectedOf(fact)))
    const unwanted = (fact.absent ?? []).filter((path) => has(event, path.split('.')))
    expect(unwanted).toEqual([])
  })

  it('names a source for every fact', () => {
    for (const { fact, source, date = '2026-01-01' } of facts) {
      expect(source.length, fact).toBeGreaterThan(10)
      expect(date, fact).toMatch(/^20\d\d-\d\d-\d\d$/)
    }
  })
})
