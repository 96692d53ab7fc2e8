import { join } from 'node:path'
import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { startLocalStack, stackFromTemplate, type LocalStack } from '../../src/index.ts'
import { signedInUser } from '../../src/signed-in-user.ts'

const PATH = join(import.meta.dirname, '../../../../examples/sam/template.yaml')

describe('the SAM template of the docs', () => {
  const template = stackFromTemplate(PATH, {
    parameters: { Origin: 'https://notes.example.com' },
    users: { alice: { groups: ['FullAccess'] }, bob: { groups: ['ReadOnlyAccess'] } },
  })
  let stack: LocalStack

  beforeAll(async () => {
    stack = await startLocalStack(template.definition)
  })
  afterAll(() => stack.stop())

  test('leaves nothing out', () => {
    expect(template.leftOut).toStrictEqual([])
    expect(template.outputs['UserPoolId']).toBe(stack.config.userPoolId)
    expect(template.outputs['IdentityPoolId']).toBe(stack.config.identityPoolId)
    expect(template.outputs['UserPoolClientId']).toBe(stack.config.userPoolClientId)
  })

  test.each([
    ['alice', 'GET', 200],
    ['alice', 'POST', 200],
    ['bob', 'GET', 200],
    ['bob', 'POST', 403],
  ])('%s may %s: %i', async (username, method, status) => {
    const { fetch } = await signedInUser(stack, username)
    const response = await fetch('/notes', { method })
    expect(response.status).toBe(status)
  })

  test('the function in the template responds, and knows who called', async () => {
    const { fetch } = await signedInUser(stack, 'alice')
    const answer: unknown = await (await fetch('/notes')).json()
    expect(answer).toStrictEqual({
      route: 'GET /notes',
      caller: expect.stringMatching(/assumed-role\/FullAccessRole\/CognitoIdentityCredentials$/),
    })
  })

  test('the origin of the page is the parameter', async () => {
    const headers = { origin: 'https://notes.example.com', 'access-control-request-method': 'GET' }
    const response = await fetch(`${stack.config.apis['Api']?.url}/notes`, {
      method: 'OPTIONS',
      headers,
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://notes.example.com')
  })
})
