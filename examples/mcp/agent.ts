import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { cognitoCredentials, createIamFetch, describeRefusal } from 'iamfetch'

/**
 * Connects the official MCP client.
 *
 * @param fetch  Signs, or adds a token.
 */
export async function connect(url: string, fetch: typeof globalThis.fetch): Promise<Client> {
  const client = new Client({ name: 'agent', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: explained(fetch) }))
  return client
}

/** A 403 is IAM's answer to the agent: it should be told why, not "Forbidden". */
const explained =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    const response = await fetch(input, init)
    if (response.status !== 403) return response
    throw new Error((await describeRefusal(response)).message)
  }

/** An agent in a page or a script: it calls with the role of the user whom it works for. */
export function connectAsUser(
  url: string,
  user: {
    identityPoolId: string
    idToken: () => Promise<string>
    endpoint?: string | undefined
    region: string
  },
): Promise<Client> {
  const { identityPoolId, idToken, endpoint, region } = user
  const credentials = cognitoCredentials({ identityPoolId, idToken, endpoint })
  return connect(url, createIamFetch({ origins: [new URL(url).origin], region, credentials }))
}
