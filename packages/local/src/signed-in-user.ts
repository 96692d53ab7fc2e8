import { cognitoCredentials, createIamFetch } from 'iamfetch'
import type { StackDefinition } from './definition/definition.ts'
import type { ApiName, FunctionUrlName, UserName } from './definition/names.ts'
import type { LocalStack } from './local-stack.ts'

/** Signs a user in. A user who signed up while the stack runs is not in the definition, and any text names one. */
export type As<Definition = StackDefinition> = (
  // oxlint-disable-next-line typescript/no-empty-object-type -- `string` alone would take the completion of names away
  username: UserName<Definition> | (string & {}),
) => Promise<SignedInUser<Definition>>

/** A user who is signed in at a local stack, for tests. */
export interface SignedInUser<Definition = StackDefinition> {
  readonly username: string
  /** The ID token of the user, for JWT routes: `authorization: Bearer …`. */
  readonly idToken: string
  /**
   * A `fetch` that signs with the credentials of the user's group. A path is joined to the URL of the API.
   *
   * @param api  The name of the API or of the function URL in the definition. Defaults to the first API.
   */
  fetchFrom(api?: ApiName<Definition> | FunctionUrlName<Definition>): typeof globalThis.fetch
  /** {@link SignedInUser.fetchFrom} the first API. */
  readonly fetch: typeof globalThis.fetch
}

/**
 * Signs a user in at a stack and creates what a test calls the API with.
 *
 * @throws TypeError for a user or an API that the definition does not have.
 */
export async function signedInUser<Definition = StackDefinition>(
  stack: LocalStack<Definition>,
  username: string,
): Promise<SignedInUser<Definition>> {
  const { idToken } = await stack.signIn(username)
  const { config } = stack
  const apis: Readonly<Record<string, { readonly url: string; readonly service?: string }>> = {
    ...config.apis,
    ...config.functionUrls,
  }
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    idToken: async () => idToken,
    endpoint: config.endpoints.cognitoIdentity,
    clock: stack.faults.clock,
  })
  const fetchFrom = (
    name: string | undefined = Object.keys(config.apis)[0],
  ): typeof globalThis.fetch => {
    const api = name === undefined ? undefined : apis[name]
    if (!api) {
      const names = Object.keys(apis).join(', ')
      throw new TypeError(
        `The definition has no API or function URL "${name}"; it has ${names || 'none'}.`,
      )
    }
    const { origin } = new URL(api.url)
    return createIamFetch({
      baseUrl: api.url,
      origins: [origin],
      region: config.region,
      ...(api.service !== undefined && { service: api.service }),
      credentials,
    })
  }
  let first: typeof globalThis.fetch | undefined
  return {
    username,
    idToken,
    fetchFrom,
    get fetch() {
      return (first ??= fetchFrom())
    },
  }
}
