import { describe, expect, it } from 'vitest'
import type { CorsDefinition } from '../src/definition/api.ts'
import { iam } from './support/serve-api.ts'
import { open, serve } from './support/gateway-scene.ts'

describe('CORS', () => {
  const origin = 'https://app.example.com'
  const cors: CorsDefinition = {
    allowOrigins: [origin],
    exposeHeaders: ['x-total'],
    maxAgeSeconds: 60,
  }
  const preflight = (url: string, from = origin): Promise<Response> =>
    fetch(url, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'POST' },
    })

  it('of an HTTP API responds to the preflight of any path, without a signature', async () => {
    const { url } = await serve({ type: 'http', cors, routes: { 'POST /x': iam() } })
    for (const path of ['/x', '/nowhere']) {
      const { status, headers } = await preflight(url + path)
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-allow-methods')).toBe('POST')
      expect(headers.get('access-control-allow-headers')).toContain('X-Amz-Security-Token')
      expect(headers.get('access-control-max-age')).toBe('60')
      expect(headers.get('vary')).toBe('origin')
    }
  })

  it('allows credentials if the definition does, in preflights and in responses', async () => {
    for (const [allowCredentials, expected] of [
      [true, 'true'],
      [false, null],
    ] as const) {
      const definition = { ...cors, allowCredentials }
      const { url } = await serve({ type: 'http', cors: definition, routes: { 'POST /x': open() } })
      const answer = await fetch(`${url}/x`, { method: 'POST', headers: { origin } })
      for (const { headers } of [await preflight(`${url}/x`), answer]) {
        expect(headers.get('access-control-allow-credentials')).toBe(expected)
      }
    }
  })

  it('sends no headers to a foreign origin', async () => {
    const { url } = await serve({ type: 'http', cors, routes: { 'POST /x': open() } })
    const asked = await preflight(`${url}/x`, 'https://evil.example.com')
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, null])
    const headers = { origin: 'https://evil.example.com' }
    const called = await fetch(`${url}/x`, { method: 'POST', headers })
    expect([called.status, called.headers.get('access-control-allow-origin')]).toEqual([200, null])
  })

  it('of an HTTP API replaces what the handler says', async () => {
    const handler = (): unknown => ({
      statusCode: 200,
      headers: {
        'Access-Control-Allow-Origin': 'https://other.example.com',
        'Access-Control-Max-Age': '1',
      },
    })
    const { url } = await serve({ type: 'http', cors, routes: { 'GET /x': open(handler) } })
    const { headers } = await fetch(`${url}/x`, { headers: { origin } })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-expose-headers')).toBe('x-total,x-local-reason')
    expect(headers.has('access-control-max-age')).toBe(false)
  })

  it('adds headers to refusals if onErrors is true: the default of an HTTP API, not of a REST API', async () => {
    for (const [type, onErrors, allowed] of [
      ['http', undefined, origin],
      ['http', false, null],
      ['rest', undefined, null],
      ['rest', true, origin],
    ] as const) {
      const definition = { ...cors, ...(onErrors !== undefined && { onErrors }) }
      const { url } = await serve({ type, cors: definition, routes: { 'GET /x': iam() } })
      const { status, headers } = await fetch(`${url}/x`, { headers: { origin } })
      expect([type, onErrors, status, headers.get('access-control-allow-origin')]).toEqual([
        type,
        onErrors,
        403,
        allowed,
      ])
      expect(headers.get('access-control-expose-headers')).toBe(allowed && 'x-total,x-local-reason')
      expect(headers.has('x-local-reason')).toBe(true)
    }
  })

  it('of a REST API responds to the preflight of its resources and leaves the rest to the handler', async () => {
    const handler = (): unknown => ({
      statusCode: 200,
      headers: { 'access-control-allow-origin': '*' },
      body: '',
    })
    const { url } = await serve({ type: 'rest', cors, routes: { 'POST /x': open(handler) } })
    const asked = await preflight(`${url}/x`)
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    const headers = { origin, 'access-control-request-method': 'DELETE' }
    const other = await fetch(`${url}/x`, { method: 'OPTIONS', headers })
    expect([other.status, other.headers.get('access-control-allow-methods')]).toEqual([204, 'POST'])
    const bare = await fetch(`${url}/x`, { method: 'OPTIONS' })
    expect([bare.status, bare.headers.get('access-control-allow-origin')]).toEqual([204, null])
    expect((await preflight(`${url}/nowhere`)).status).toBe(403)
    const called = await fetch(`${url}/x`, { method: 'POST', headers: { origin } })
    expect(called.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('of an HTTP API is complete on the preflight that an OPTIONS route takes', async () => {
    const routes = { $default: iam(), 'OPTIONS /{proxy+}': open(() => ({ statusCode: 200 })) }
    const { url } = await serve({ type: 'http', cors, routes })
    const { status, headers } = await preflight(`${url}/x`)
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin])
    expect(headers.get('access-control-allow-methods')).toContain('*')
    expect(headers.get('access-control-allow-headers')).toContain('Authorization')
    expect(headers.get('access-control-max-age')).toBe('60')
  })

  it('of a REST API leaves a preflight to the OPTIONS method that a resource has', async () => {
    const routes = { 'OPTIONS /x': iam(), 'POST /x': open(), 'ANY /{proxy+}': iam() }
    const { url } = await serve({ type: 'rest', cors, routes })
    expect((await preflight(`${url}/x`)).status).toBe(403)
    expect((await preflight(`${url}/other`)).status).toBe(204)
  })

  it('is not there without a definition', async () => {
    const { url } = await serve({ type: 'http', routes: { 'ANY /x': iam() } })
    const asked = await preflight(`${url}/x`)
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })

  it.each([
    ['*', 'http://localhost:3000', '*'],
    ['https://*', 'https://a.example.com', 'https://a.example.com'],
    ['https://*', 'http://a.example.com', null],
    ['http://*', 'http://a.example.com', 'http://a.example.com'],
  ])('with the origin %s answers %s with %s', async (allowed, from, expected) => {
    const { url } = await serve({
      type: 'http',
      cors: { allowOrigins: [allowed] },
      routes: { 'POST /x': open() },
    })
    const { headers } = await preflight(`${url}/x`, from)
    expect(headers.get('access-control-allow-origin')).toBe(expected)
  })
})
