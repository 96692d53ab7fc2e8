import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { createTokenFetch } from 'iamfetch'
import { connect } from './agent.ts'

/** An agent in a service: it calls with a machine token. */
export function connectAsService(
  url: string,
  client: { tokenUrl: string; clientId: string; clientSecret: string },
): Promise<Client> {
  const { tokenUrl, clientId, clientSecret } = client
  const token = machineToken({
    source: oauthTokenEndpoint({ url: tokenUrl, clientId }),
    clientSecret,
    scopes: ['tools/call'],
    // Some gateways refuse a token in its last minute.
    minLifeSeconds: 60,
  })
  return connect(url, createTokenFetch({ origins: [new URL(url).origin], token }))
}
