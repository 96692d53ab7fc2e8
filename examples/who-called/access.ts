import { defineStack, type LocalHandler, type PolicyDocument } from '@iamfetch/local'
import type { HandlerName } from './handlers.ts'
import { forEachTenant, tenants } from './tenants.ts'

/** Members may make the signed call, in both forms of the API. */
const mayCallSigned: PolicyDocument = {
  Version: '2012-10-17',
  Statement: ['http', 'rest'].map((api) => ({
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_${api}/*/GET/me/signed`,
  })),
}

/**
 * Users, tenants and one API, as an HTTP API and as a REST API.
 *
 * @param handlerOf  Gives the handler of a route: {@link createHandlers} makes them.
 */
export function whoCalled(handlerOf: (name: HandlerName) => LocalHandler) {
  const read = { auth: 'jwt', scopes: ['notes/read'] } as const
  const write = { auth: 'jwt', scopes: ['notes/write'] } as const
  const routes = {
    'GET /me': { auth: 'jwt', handler: handlerOf('me') },
    'GET /me/verified': { auth: 'jwt', handler: handlerOf('meVerified') },
    'GET /me/signed': { auth: 'iam', handler: handlerOf('meSigned') },
    'GET /notes': { ...read, handler: handlerOf('listNotes') },
    'GET /notes/{id}': { ...read, handler: handlerOf('readNote') },
    'PUT /notes/{id}': { ...write, handler: handlerOf('writeNote') },
  } as const
  return defineStack({
    region: 'eu-central-1',
    groups: {
      Members: { policy: mayCallSigned, precedence: 1 },
      Editors: { policy: mayCallSigned, precedence: 2 },
    },
    users: {
      alice: { groups: ['Members', 'Editors'], email: 'alice@example.com' },
      bob: { groups: ['Members'], email: 'bob@example.com' },
    },
    resourceServers: { notes: ['read', 'write'] },
    appClients: forEachTenant((name) => ({ scopes: tenants[name] })),
    apis: { http: { type: 'http', routes }, rest: { type: 'rest', routes } },
  })
}
