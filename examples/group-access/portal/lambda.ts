// The portal as Lambda functions: their configuration is in the environment, and so are their roles'
// credentials. Each route has a function of its own, so each makes what it needs when it is first called.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbStore } from '@iamfetch/developer-access/dynamodb'
import type { Credentials } from 'iamfetch'
import type { ApiEvent } from './handlers.ts'
import { notesTable } from './notes-table.ts'
import { createPortal, type Portal } from './portal.ts'

/** The variables that a deployment sets. Lambda itself sets the region and the credentials. */
export type PortalVariable = 'USER_POOL_ID' | 'KEYS_TABLE' | 'NOTES_TABLE'

/** `/keys`: the HTTP API for keys. */
export const keys = async (event: unknown, context: unknown): Promise<unknown> =>
  portal().handlers.keys(event, context)

/** `GET /me`. */
export const me = async (event: ApiEvent, context: unknown): Promise<unknown> =>
  portal().handlers.me(event, context)

/** `/my/notes` and `/notes`. */
export const notes = async (event: ApiEvent, context: unknown): Promise<unknown> =>
  portal().handlers.notes(event, context)

/** By a schedule: finishes what was interrupted, ends old secrets. */
export const sweep = async (): Promise<unknown> => portal().access.sweep()

let made: Portal | undefined
const portal = (): Portal => (made ??= portalOf(variable('AWS_REGION')))

function portalOf(region: string): Portal {
  const userPoolId = variable('USER_POOL_ID')
  // Elsewhere than on AWS these two say where.
  const { COGNITO_IDP_URL, DYNAMODB_URL } = process.env
  const client = new DynamoDBClient({ region, ...(DYNAMODB_URL && { endpoint: DYNAMODB_URL }) })
  return createPortal({
    region,
    userPoolId,
    cognitoIdpUrl: COGNITO_IDP_URL ?? `https://cognito-idp.${region}.amazonaws.com`,
    credentials: roleCredentials,
    store: dynamodbStore({ client, tableName: variable('KEYS_TABLE') }),
    notes: notesTable(client, variable('NOTES_TABLE')),
    jwks: COGNITO_IDP_URL === undefined ? undefined : jwksAt(COGNITO_IDP_URL, userPoolId),
  })
}

/** The key set of a user pool that is not on AWS. */
const jwksAt = (url: string, userPoolId: string) => async () => {
  const answer = await fetch(`${url}/${userPoolId}/.well-known/jwks.json`)
  return (await answer.json()) as { keys: object[] }
}

const roleCredentials = (): Promise<Credentials> =>
  Promise.resolve({
    accessKeyId: variable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    sessionToken: variable('AWS_SESSION_TOKEN'),
  })

function variable(name: PortalVariable | `AWS_${string}`): string {
  const value = process.env[name]
  if (!value) throw new Error(`The environment variable ${name} is not set.`)
  return value
}
