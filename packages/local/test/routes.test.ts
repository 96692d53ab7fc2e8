import { describe, expect, it } from 'vitest'
import type { RouteDefinition } from '../src/definition/api.ts'
import { createRouter, parseRouteKey } from '../src/api-gateway/routes.ts'

const handler = (): unknown => undefined
const routed = (type: 'http' | 'rest', keys: string[], method: string, path: string): unknown => {
  const route: RouteDefinition = { auth: 'none', handler }
  const match = createRouter({ type, routes: Object.fromEntries(keys.map((key) => [key, route])) })(
    method,
    path,
  )
  return match && [match.key, match.parameters]
}

describe('an HTTP API', () => {
  const keys = [
    '$default',
    'ANY /{proxy+}',
    'ANY /pets',
    'GET /pets',
    'GET /pets/{proxy+}',
    'GET /pets/{id}',
    'GET /pets/dog',
    'GET /pets/{id}/toys/{toy}',
    'POST /@connections/{id}',
  ]
  it.each([
    ['a literal before a parameter', 'GET', '/pets/dog', ['GET /pets/dog', {}]],
    ['a parameter before a greedy one', 'GET', '/pets/cat', ['GET /pets/{id}', { id: 'cat' }]],
    [
      'several parameters',
      'GET',
      '/pets/1/toys/2',
      ['GET /pets/{id}/toys/{toy}', { id: '1', toy: '2' }],
    ],
    [
      'a greedy one for what is deeper',
      'GET',
      '/pets/a/b/c',
      ['GET /pets/{proxy+}', { proxy: 'a/b/c' }],
    ],
    ['a method before ANY', 'GET', '/pets', ['GET /pets', {}]],
    ['ANY for the other methods', 'DELETE', '/pets', ['ANY /pets', {}]],
    [
      'a worse path when the method does not fit',
      'POST',
      '/pets/dog',
      ['ANY /{proxy+}', { proxy: 'pets/dog' }],
    ],
    ['$default for the root, which no greedy one takes', 'GET', '/', ['$default', {}]],
    ['a greedy one for a slash at the end', 'GET', '/pets/', ['GET /pets/{proxy+}', { proxy: '' }]],
    ['decoded parameters', 'GET', '/pets/a%2Fb%20c', ['GET /pets/{id}', { id: 'a/b c' }]],
    ['decoded literals', 'POST', '/%40connections/A%3D', ['POST /@connections/{id}', { id: 'A=' }]],
  ])('takes %s', (_, method, path, expected) => {
    expect(routed('http', keys, method, path)).toEqual(expected)
  })

  it('takes a path that fits as a whole before any greedy one, whichever has more literals', () => {
    const overlapping = ['GET /pets/{proxy+}', 'GET /{kind}/{id}', 'ANY /{proxy+}']
    expect(routed('http', overlapping, 'GET', '/pets/1')).toEqual([
      'GET /{kind}/{id}',
      { kind: 'pets', id: '1' },
    ])
    expect(routed('http', overlapping, 'GET', '/pets/1/2')).toEqual([
      'GET /pets/{proxy+}',
      { proxy: '1/2' },
    ])
    expect(routed('http', overlapping, 'POST', '/pets/1')).toEqual([
      'ANY /{proxy+}',
      { proxy: 'pets/1' },
    ])
  })

  it('treats HEAD and OPTIONS as separate methods', () => {
    for (const method of ['HEAD', 'OPTIONS']) {
      expect(routed('http', ['GET /a'], method, '/a')).toBeUndefined()
      expect(routed('http', [`${method} /a`, 'ANY /a'], method, '/a')).toEqual([`${method} /a`, {}])
      expect(routed('http', ['ANY /a'], method, '/a')).toEqual(['ANY /a', {}])
    }
  })

  it('has no route for a request that matches none', () => {
    expect(routed('http', ['GET /a'], 'GET', '/b')).toBeUndefined()
    expect(routed('http', ['GET /a'], 'POST', '/a')).toBeUndefined()
    expect(routed('http', ['GET /a'], 'GET', '/a/')).toBeUndefined()
    expect(routed('http', ['GET /a/{id}'], 'GET', '/a/')).toBeUndefined()
    expect(routed('http', ['GET /A'], 'GET', '/a')).toBeUndefined()
  })
})

describe('a REST API', () => {
  it('takes the methods that API Gateway supports with ANY, and no others', () => {
    for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
      expect(routed('rest', ['ANY /pets', 'ANY /{proxy+}'], method, '/pets')).toEqual([
        'ANY /pets',
        {},
      ])
    }
    for (const method of ['TRACE', 'PROPFIND', 'ANY']) {
      expect(routed('rest', ['ANY /pets', 'ANY /{proxy+}'], method, '/pets')).toBeUndefined()
    }
  })

  it('leaves parameters as they were sent', () => {
    expect(routed('rest', ['GET /pets/{id}'], 'GET', '/pets/a%2Fb%20c')).toEqual([
      'GET /pets/{id}',
      { id: 'a%2Fb%20c' },
    ])
  })

  it('goes on to the most specific greedy resource if the best one does not take the method', () => {
    const keys = ['GET /pets/dog', 'ANY /{proxy+}']
    expect(routed('rest', keys, 'GET', '/pets/dog')).toEqual(['GET /pets/dog', {}])
    expect(routed('rest', keys, 'POST', '/pets/dog')).toEqual([
      'ANY /{proxy+}',
      { proxy: 'pets/dog' },
    ])
    expect(routed('rest', ['GET /pets/dog', 'ANY /pets/{id}'], 'POST', '/pets/dog')).toBeUndefined()
    expect(routed('rest', keys, 'POST', '/pets/cat')).toEqual([
      'ANY /{proxy+}',
      { proxy: 'pets/cat' },
    ])
  })
})

describe('a slash at the end', () => {
  it('makes no difference to a resource of a REST API, and its greedy one keeps it', () => {
    const keys = ['GET /pets', 'GET /pets/{id}', 'ANY /{proxy+}', 'GET /']
    expect(routed('rest', keys, 'GET', '/pets/')).toEqual(['GET /pets', {}])
    expect(routed('rest', keys, 'GET', '/pets/1/')).toEqual(['GET /pets/{id}', { id: '1' }])
    expect(routed('rest', keys, 'GET', '/a/b/')).toEqual(['ANY /{proxy+}', { proxy: 'a/b' }])
    expect(routed('rest', keys, 'GET', '/')).toEqual(['GET /', {}])
    expect(routed('rest', ['GET /pets/{proxy+}'], 'GET', '/pets/')).toBeUndefined()
  })
})

describe('a route key', () => {
  it('may name each method of HTTP APIs, and all of them', () => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY']
    expect(methods.map((method) => parseRouteKey(`${method} /a`).method)).toEqual(methods)
    expect(() => parseRouteKey('TRACE /a')).toThrow('begins with none of the methods')
  })

  it.each([
    ['get /a', 'begins with none of the methods GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, ANY'],
    ['GET', 'does not have one space and a path after the method'],
    ['GET a', 'does not have one space and a path after the method'],
    ['GET /a b', 'does not have one space and a path after the method'],
    ['GET /{a+}/b', 'has something after "{a+}"'],
    ['GET /{a}/{a}', 'has the same parameter twice'],
    ['GET /a//b', 'has two slashes in a row'],
    ['GET /a/', 'ends with a slash'],
    ['GET /a{b}', 'has characters that are not allowed in "a{b}"'],
    ['GET /{}', 'has characters that are not allowed in "{}"'],
    ['GET /a/:id', 'has ":id", which is not how a parameter is written'],
    ['GET /<id>', 'has "<id>", which is not how a parameter is written'],
  ])('a route key that is malformed is refused: %s', (key, message) => {
    expect(() => parseRouteKey(key)).toThrow(message)
  })
})
