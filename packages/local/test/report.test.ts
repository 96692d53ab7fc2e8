import { describe, expect, it } from 'vitest'
import { reasonOf, requestLine } from '../src/http/request-log.ts'
import { startLocalStack, type HandledRequest } from '../src/index.ts'
import { paintFor } from '../src/terminal/paint.ts'
import { report } from '../src/terminal/report.ts'

const plain = paintFor({ isTTY: false })

describe('what the terminal shows', () => {
  it('keeps long names of users and app clients apart from what follows', async () => {
    const name = 'a.very.long.name@subdomain.example.com'
    const stack = await startLocalStack({
      users: {
        [name]: { password: 'Correct-horse-battery-staple-1' },
        bob: { password: 'Short-1x' },
      },
      resourceServers: { notes: ['read'] },
      appClients: { 'a-service-with-a-long-name': { scopes: ['notes/read'] } },
      usagePlans: { free: { apis: ['orders'] } },
      apiKeys: { 'a-customer-with-a-long-name': { usagePlan: 'free' } },
      apis: {
        orders: { type: 'rest', routes: { 'GET /a': { auth: 'none', handler: () => ({}) } } },
      },
    })
    try {
      const { config, users, appClients, roles, admin, apiKeys } = stack
      const told = { config, users, appClients, roles, admin, apiKeys }
      const text = report(
        { told, routes: {}, functionUrls: {}, groups: { bob: ['Readers'] }, scopes: {} },
        plain,
      )
      expect(text).toContain(`  ${name}  Correct-horse-battery-staple-1  \n`)
      expect(text).toMatch(/\n {2}bob {2,}Short-1x {2,}Readers\n/)
      const { clientId } = appClients['a-service-with-a-long-name']
      expect(text).toContain(`  a-service-with-a-long-name  ${clientId}  `)
      const { value } = apiKeys['a-customer-with-a-long-name']
      expect(text).toContain(
        `API keys, header x-api-key\n  a-customer-with-a-long-name  ${value}\n`,
      )
    } finally {
      await stack.stop()
    }
  })

  it('has a signed call to try, and on Windows where the stack and the password are', async () => {
    const policy = {
      Version: '2012-10-17' as const,
      Statement: { Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource: '*' },
    }
    const stack = await startLocalStack({
      groups: { Readers: { policy } },
      users: { bob: { groups: ['Readers'], password: "It's-a-Secret-1" } },
      apis: { notes: { type: 'http', routes: { 'GET /a': { auth: 'iam', handler: () => ({}) } } } },
    })
    try {
      const { config, users, appClients, roles, admin, apiKeys } = stack
      const running = {
        told: { config, users, appClients, roles, admin, apiKeys },
        routes: { notes: [['GET /a', 'iam'] satisfies [string, string]] },
        functionUrls: {},
        groups: {},
        scopes: {},
      }
      expect(report(running, plain, 'linux')).toContain(
        '  npx iamfetch sign --user bob GET /a | sh\n',
      )
      expect(report(running, plain, 'win32')).toContain(
        `  $env:IAMFETCH_PASSWORD = 'It''s-a-Secret-1'\n  npx iamfetch sign --stack ${config.endpoints.cognitoIdp} --user bob GET /a\n`,
      )
    } finally {
      await stack.stop()
    }
  })

  it('has one line for a request, whatever characters its path and reason have', () => {
    const request = {
      server: 'api',
      method: 'GET',
      path: '/\u001b[2J\n',
      status: 404,
      reason: 'a\nb',
    }
    expect(requestLine(request)).toBe('404 api GET /\\u001b[2J\\u000a  a\\u000ab')
  })

  it('takes the reason of a refusal from the headers, and none from a response that does not refuse', () => {
    const headers = new Headers({ 'x-amzn-errortype': 'A:', 'x-amzn-errormessage': 'b' })
    expect(reasonOf(400, headers)).toBe('A: b')
    expect(reasonOf(200, headers)).toBeUndefined()
  })
})

it('onRequest receives every request, those for another host included, and no query', async () => {
  const requests: HandledRequest[] = []
  const stack = await startLocalStack(
    {
      apis: { open: { type: 'http', routes: { 'GET /a': { auth: 'none', handler: () => 'a' } } } },
    },
    { onRequest: (request) => void requests.push(request) },
  )
  try {
    const { apis, endpoints } = stack.config
    await fetch(`${apis['open'].url}/a?X-Amz-Security-Token=secret`)
    await fetch(`${apis['open'].url}/none`)
    await fetch(`${endpoints.oauth}/oauth2/token?code=secret`, { method: 'POST' })
    expect(requests).toEqual([
      { server: 'open', method: 'GET', path: '/a', status: 200, reason: undefined },
      {
        server: 'open',
        method: 'GET',
        path: '/none',
        status: 404,
        reason: 'NoRoute: no route GET /none',
      },
      {
        server: 'cognito',
        method: 'POST',
        path: '/oauth2/token',
        status: 405,
        reason: 'the Content-Type is not application/x-www-form-urlencoded',
      },
    ])
  } finally {
    await stack.stop()
  }
})
