import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { defineStack, openApiDocument } from '../src/index.ts'

const handler = (): object => ({})
const definition = defineStack({
  resourceServers: { notes: ['read'] },
  apis: {
    notes: {
      type: 'http',
      routes: {
        'GET /notes': { auth: 'iam', handler },
        'POST /notes': { auth: 'iam', handler },
        'GET /notes/{id}': { auth: 'jwt', scopes: ['notes/read'], handler },
        'ANY /any': { auth: 'none', handler },
        'GET /any': { auth: 'iam', handler },
        'GET /files/{path+}': { auth: 'none', handler },
        $default: { auth: 'none', handler },
      },
    },
    live: { type: 'websocket', routes: { $connect: { handler } } },
  },
})

test('the document is valid OpenAPI 3.1', async () => {
  const document = openApiDocument(definition, { url: 'https://api.example.com/prod' })
  const validator = new Validator()
  const result = await validator.validate({ ...document })
  expect(result).toMatchObject({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('it has the routes, their parameters, and what guards them', () => {
  const { info, paths, components } = openApiDocument(definition)
  expect(info).toEqual({ title: 'notes', version: '1.0.0' })
  expect(Object.keys(paths)).toEqual(['/notes', '/notes/{id}', '/any', '/files/{path}'])
  expect(paths['/notes/{id}']?.['get']).toMatchObject({
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    security: [{ jwt: ['notes/read'] }],
  })
  expect(paths['/notes']?.['post']).toMatchObject({ security: [{ iam: [] }], requestBody: {} })
  // A route with its own method wins over ANY, whatever their order.
  expect(paths['/any']?.['get']).toMatchObject({ security: [{ iam: [] }] })
  expect(paths['/any']?.['delete']).toMatchObject({ security: [] })
  expect(Object.keys(components.securitySchemes)).toEqual(['iam', 'jwt'])
})

test('a route with an authorizer function or an API key is not described as open', async () => {
  const guarded = defineStack({
    apis: {
      notes: {
        type: 'rest',
        authorizers: {
          session: {
            type: 'request',
            identitySources: ['context.path', 'method.request.header.X-Session'],
            handler,
          },
        },
        routes: {
          'GET /session': { auth: 'lambda', handler },
          'GET /key': { auth: 'none', apiKeyRequired: true, handler },
          'GET /both': { auth: 'lambda', authorizer: 'session', apiKeyRequired: true, handler },
        },
      },
    },
  })
  const document = openApiDocument(guarded)
  const needs = (path: string): unknown => document.paths[path]?.['get']
  expect(needs('/session')).toMatchObject({ security: [{ 'authorizer-session': [] }] })
  expect(needs('/key')).toMatchObject({ security: [{ apiKey: [] }] })
  expect(needs('/both')).toMatchObject({ security: [{ 'authorizer-session': [], apiKey: [] }] })
  expect(document.components.securitySchemes).toEqual({
    apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    'authorizer-session': {
      type: 'apiKey',
      in: 'header',
      name: 'X-Session',
      'x-amazon-apigateway-authtype': 'custom',
    },
  })
  expect(await new Validator().validate({ ...document })).toMatchObject({ valid: true })
})

test('an API that is not there, or that has no paths, is an error that names the APIs', () => {
  expect(() => openApiDocument(definition, { api: 'nots' })).toThrow(
    'openApiDocument: "api" must be an API, got "nots"; the APIs are notes',
  )
  expect(() => openApiDocument(definition, { api: 'live' })).toThrow(
    '"api" must not be a WebSocket API, got "live"',
  )
  const { notes } = definition.apis
  expect(() => openApiDocument({ ...definition, apis: { notes, more: notes } })).toThrow(
    '"api" is missing; the APIs are notes, more',
  )
})
