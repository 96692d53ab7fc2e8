import { defineStack, type LocalHandler, type PolicyDocument } from '@iamfetch/local'

/** A role may call what this names. */
const mayCall = (place: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_tools/*/${place}`,
    },
  ],
})

/** The headers of a signed request, and those of the MCP client in a page. */
const SIGNED = ['authorization', 'content-type', 'x-amz-date', 'x-amz-security-token']
const OF_MCP = ['mcp-protocol-version', 'mcp-session-id', 'last-event-id']

/** Agents of the group Analysts may call the MCP server; Readers may not. A service has a scope of its own. */
export const mcpAccess = (handler: LocalHandler) =>
  defineStack({
    region: 'eu-central-1',
    groups: {
      Analysts: { policy: mayCall('*/mcp') },
      Readers: { policy: mayCall('GET/reports') },
    },
    users: { alice: { groups: ['Analysts'] }, bob: { groups: ['Readers'] } },
    resourceServers: { tools: ['call'] },
    appClients: { reporter: { scopes: ['tools/call'] } },
    apis: {
      tools: {
        type: 'http',
        cors: {
          allowOrigins: ['*'],
          allowHeaders: [...SIGNED, ...OF_MCP],
          exposeHeaders: ['mcp-session-id'],
        },
        // Not ANY: that would take the preflights of pages, which have no signature, and refuse them.
        routes: {
          'GET /mcp': { auth: 'iam', handler },
          'POST /mcp': { auth: 'iam', handler },
          'POST /service/mcp': { auth: 'jwt', scopes: ['tools/call'], handler },
          'GET /service/mcp': { auth: 'jwt', scopes: ['tools/call'], handler },
        },
      },
    },
  })
