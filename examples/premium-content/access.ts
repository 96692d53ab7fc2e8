import { defineStack, type PolicyDocument } from '@iamfetch/local'
import { read, write } from './handlers.ts'

/** A tenant is an app client with scopes of its own. */
export const tenants = {
  acme: ['premium/read', 'premium/write'],
  globex: ['premium/read'],
  initech: ['premium/write'],
} as const satisfies Record<string, readonly string[]>

/** One of the tenants. */
export type Tenant = keyof typeof tenants

/** All of them. */
export const tenantNames = Object.keys(tenants) as Tenant[]

/** An object with a member for each tenant. */
export const forEachTenant = <Value>(valueOf: (tenant: Tenant) => Value) =>
  Object.fromEntries(tenantNames.map((name) => [name, valueOf(name)])) as Record<Tenant, Value>

/** A tenant's service may read the secret of its own app client, and no other. */
const ownSecret = (tenant: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      // Secrets Manager adds a dash and six characters to the name.
      Resource: `arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:${tenant}-??????`,
    },
  ],
})

/** The provider: `GET /premium` needs the scope `premium/read`, `POST /premium` needs `premium/write`. */
export default defineStack({
  region: 'eu-central-1',
  resourceServers: { premium: ['read', 'write'] },
  appClients: forEachTenant((name) => ({ scopes: tenants[name] })),
  roles: forEachTenant((name) => ({ policy: ownSecret(name) })),
  apis: {
    provider: {
      type: 'http',
      routes: {
        'GET /premium': {
          auth: 'jwt',
          scopes: ['premium/read'],
          handler: read,
        },
        'POST /premium': {
          auth: 'jwt',
          scopes: ['premium/write'],
          handler: write,
        },
      },
    },
  },
})
