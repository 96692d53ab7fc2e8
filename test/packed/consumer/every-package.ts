// Takes something from every package and entry, as a consumer's code would.
import {
  cognitoCredentials,
  decodeIdToken,
  explainRole,
  type CredentialStatus,
} from '@iamfetch/cognito'
import { run } from 'iamfetch/cli'
import { keyStoreContract } from '@iamfetch/developer-access/contract'
import { tokenStoreContract } from '@iamfetch/machine/contract'
import * as localPlaywright from '@iamfetch/local/playwright'
import * as localVite from '@iamfetch/local/vite'
import * as localVitest from '@iamfetch/local/vitest'
import { evaluate } from '@iamfetch/policy'
import * as clientNode from 'iamfetch/node'
import * as clientApi from 'iamfetch/api'
import * as clientPermissions from 'iamfetch/permissions'
import * as clientEvents from 'iamfetch/events'
import * as clientAppSync from 'iamfetch/appsync'
import * as clientPresigned from 'iamfetch/presigned'
import * as clientHash from 'iamfetch/content-hash'
import * as clientDevtools from 'iamfetch/devtools'
import * as clientTelemetry from 'iamfetch/opentelemetry'
import * as clientTesting from 'iamfetch/testing'
import { fresh, IamFetchError, type Clock, type Credentials, type ErrorCode } from '@iamfetch/core'
import { createDeveloperAccess } from '@iamfetch/developer-access'
import * as developerDynamodb from '@iamfetch/developer-access/dynamodb'
import * as developerSqlite from '@iamfetch/developer-access/sqlite'
import { defineStack, startLocalStack, type LocalStack, type Memory } from '@iamfetch/local'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import * as machineDynamodb from '@iamfetch/machine/dynamodb'
import * as machineKeyv from '@iamfetch/machine/keyv'
import * as machineRedis from '@iamfetch/machine/redis'
import * as machineSecrets from '@iamfetch/machine/secrets-manager'
import { IamProvider, useCredentialStatus, useIamFetch, useRoles } from 'iamfetch/react'
import { resolveCaller, withCaller, type Caller } from '@iamfetch/server'
import * as fixtures from '@iamfetch/server/fixtures'
import * as serverHono from '@iamfetch/server/hono'
import * as serverMiddy from '@iamfetch/server/middy'
import * as serverPowertools from '@iamfetch/server/powertools'
import { createSigner, signParts, type Signed } from '@iamfetch/sigv4'
import { createProject } from 'create-iamfetch'
import { createIamFetch, createTokenFetch, describeRefusal, signWebSocketUrl } from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import { withIdToken } from 'iamfetch/id-token'
import * as clientNative from 'iamfetch/native'
import * as clientOidc from 'iamfetch/oidc'
import * as reactQuery from 'iamfetch/react/query'
import * as cognitoNative from '@iamfetch/cognito/native'
import * as sigv4Native from '@iamfetch/sigv4/native'
import { awsSdkSigner } from 'iamfetch/aws-sdk'
import { awsSdkCredentials } from 'iamfetch/aws-sdk-credentials'
import { explain, rememberRequests, type Explanation } from 'iamfetch/explain'

const clock: Clock = { now: () => 0 }
const credentials = cognitoCredentials({
  identityPoolId: 'eu-central-1:a',
  idToken: async () => 't',
  clock,
})
const signing: typeof fetch = createIamFetch({
  baseUrl: 'https://a.example',
  credentials,
  region: 'eu-central-1',
})
const bearing: typeof fetch = createTokenFetch({
  baseUrl: 'https://a.example',
  token: async () => 't',
})
const status: CredentialStatus = credentials.status()
const code: ErrorCode = new IamFetchError('TOKEN_INVALID', 'no', { remedy: 'sign in' }).code
const signed: Signed = signParts(
  { method: 'GET', path: '/', query: '', headers: [['host', 'a.example']] },
  {
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
    region: 'eu-central-1',
    service: 'execute-api',
    at: new Date(0),
    payloadHash: '',
  },
)
const token = machineToken({
  source: oauthTokenEndpoint({ url: 'https://a.example/oauth2/token', clientId: 'c' }),
  clientSecret: 's',
})
const definition = defineStack({
  apis: { a: { type: 'http', routes: { 'GET /': { auth: 'none', handler: () => 1 } } } },
})
export async function use(response: Response, event: unknown): Promise<unknown[]> {
  const stack: LocalStack = await startLocalStack(definition)
  const memory: Memory = await stack.remember()
  const caller: Caller = await resolveCaller(event)
  const explanation: Explanation = await explain(response)
  return [
    stack.config.apis,
    memory.ids,
    caller.kind,
    explanation.remedy,
    (await describeRefusal(response)).code,
    await token(),
  ]
}
// @ts-expect-error credentials are required
createIamFetch({ baseUrl: 'https://a.example' })
// @ts-expect-error a code is one of a closed union
export const never = new IamFetchError('NOT_A_CODE', 'no', { remedy: '' })

export const everything: unknown[] = [
  withIdToken,
  clientNative,
  clientOidc,
  reactQuery,
  cognitoNative,
  sigv4Native,
  signing,
  bearing,
  status,
  code,
  signed,
  fresh,
  decodeIdToken,
  explainRole,
  run,
  createDeveloperAccess,
  developerDynamodb,
  developerSqlite,
  machineDynamodb,
  machineKeyv,
  machineRedis,
  machineSecrets,
  IamProvider,
  useCredentialStatus,
  useIamFetch,
  useRoles,
  withCaller,
  fixtures,
  serverHono,
  serverMiddy,
  serverPowertools,
  createSigner,
  createProject,
  signWebSocketUrl,
  amplifyIdToken,
  awsSdkSigner,
  awsSdkCredentials,
  rememberRequests,
  keyStoreContract,
  tokenStoreContract,
  localPlaywright,
  localVite,
  localVitest,
  evaluate,
  clientNode,
  clientPermissions,
  clientEvents,
  clientAppSync,
  clientPresigned,
  clientHash,
  clientDevtools,
  clientTelemetry,
  clientTesting,
  clientApi,
] satisfies unknown[]
export type { Credentials }
