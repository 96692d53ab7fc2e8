import type { ApiDefinition } from '@iamfetch/local'
import type { Consumer } from './consumer.ts'

/** The API of a tenant's service: what its three calls are reached by. */
export const consumerApi = (calls: Omit<Consumer, 'tokens'>): ApiDefinition => ({
  type: 'http',
  routes: {
    'GET /unauthorized-read': { auth: 'none', handler: calls.unauthorizedRead },
    'GET /authorized-read': { auth: 'none', handler: calls.authorizedRead },
    // A GET as well, so that a browser can show it.
    'ANY /authorized-write': { auth: 'none', handler: calls.authorizedWrite },
  },
})
