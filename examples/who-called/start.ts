import {
  createFaults,
  startLocalStack,
  type Clock,
  type LocalHandler,
  type LocalStack,
} from '@iamfetch/local'
import type { Caller } from '@iamfetch/server'
import { whoCalled } from './access.ts'
import { signedFetch, tenantFetch, userFetch } from './callers.ts'
import { createHandlers, type ApiEvent, type HandlerName, type Handlers } from './handlers.ts'
import { createNotes, type Notes } from './notes.ts'
import { tenantNames, type Tenant } from './tenants.ts'

/** The form of the API. */
export type Form = 'http' | 'rest'

/** How it starts. */
export interface WhoCalledOptions {
  /** @default Date */
  clock?: Clock
  /** Told each time that the gateway lets a request through to the backend. */
  onInvoke?: (name: HandlerName, event: unknown) => void
  /** Told each time that the backend lets a caller in. */
  onCaller?: (caller: Caller) => void
}

/** What the user pool returns to a user who signs in. */
export interface UserTokens {
  idToken: string
  accessToken: string
}

/** Everything, running. */
export interface WhoCalled {
  readonly stack: LocalStack<ReturnType<typeof whoCalled>>
  readonly notes: Notes
  readonly signIn: (username: string) => Promise<UserTokens>
  /** Calls with a token, as a user's app does. */
  readonly asUser: (form: Form, idToken: string) => typeof fetch
  /** Signs the call and sends the ID token with it. */
  readonly asSigner: (form: Form, idToken: string) => typeof fetch
  /** Calls with the machine token of a tenant's app client. */
  readonly asTenant: (form: Form, tenant: Tenant) => typeof fetch
  readonly stop: () => Promise<void>
}

/** Starts the API, with functions that believe this stack's user pool. */
export async function startWhoCalled(options: WhoCalledOptions = {}): Promise<WhoCalled> {
  const { clock, onInvoke, onCaller } = options
  const faults = createFaults(clock && { clock })
  const notes = createNotes()
  // The functions receive the user pool, which is known once the stack runs.
  let handlers: Handlers | undefined
  const handlerOf =
    (name: HandlerName): LocalHandler =>
    (event: ApiEvent, context) => {
      onInvoke?.(name, event)
      return handlers?.[name](event, context)
    }
  const stack = await startLocalStack(whoCalled(handlerOf), { faults })
  const { region, userPoolId, userPoolClientId, identityPoolId, endpoints, apis } = stack.config
  handlers = createHandlers(
    {
      userPoolId,
      userClientId: userPoolClientId,
      tenantOf: new Map(tenantNames.map((name) => [stack.appClients[name].clientId, name])),
      jwks: async () => {
        const keys = await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)
        return (await keys.json()) as { keys: object[] }
      },
      clock: faults.clock,
      onCaller,
    },
    notes,
  )
  const baseUrlOf = (form: Form): string => apis[form].url
  return {
    stack,
    notes,
    signIn: (username) => signIn(stack, username),
    asUser: (form, idToken) => userFetch(baseUrlOf(form), async () => idToken),
    asSigner: (form, idToken) =>
      signedFetch({
        baseUrl: baseUrlOf(form),
        region,
        identityPoolId,
        endpoint: endpoints.cognitoIdentity,
        idToken: async () => idToken,
      }),
    asTenant: (form, tenant) =>
      tenantFetch({
        baseUrl: baseUrlOf(form),
        tokenUrl: `${endpoints.oauth}/oauth2/token`,
        ...stack.appClients[tenant],
        clock,
      }),
    stop: () => stack.stop(),
  }
}

/** Signs in by password. An app would leave this to Amplify or to its OIDC client. */
async function signIn({ config, users }: LocalStack, username: string): Promise<UserTokens> {
  const response = await fetch(config.endpoints.cognitoIdp, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: config.userPoolClientId,
      AuthParameters: { USERNAME: username, PASSWORD: users[username]?.password },
    }),
  })
  if (!response.ok) throw new Error(`${username} could not sign in: ${response.status}`)
  const { AuthenticationResult: tokens } = (await response.json()) as {
    AuthenticationResult: { IdToken: string; AccessToken: string }
  }
  return { idToken: tokens.IdToken, accessToken: tokens.AccessToken }
}
