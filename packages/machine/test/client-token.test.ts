import { fixedClock, fakeFetch } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { cognitoClientToken, machineToken } from '../src/index.ts'
import { jwt, thrownBy } from './endpoint.ts'

const source = cognitoClientToken({
  region: 'eu-central-1',
  clientId: 'reader',
  metadata: { tenant: 'a' },
})
const answer = (status: number, json?: unknown, headers: Record<string, string> = {}) => ({
  status,
  json,
  headers: new Headers(headers),
})
const result = (claims: object, more: object = {}) => ({
  ClientAuthenticationResult: {
    AccessToken: jwt(claims),
    ExpiresIn: 3_600,
    TokenType: 'Bearer',
    ...more,
  },
})

describe('GetClientToken', () => {
  test('GetClientToken is requested at the regional endpoint with the JSON of its API', async () => {
    const { url, headers, body } = await source.request({
      clientSecret: 'secret+1',
      scopes: ['premium/read'],
    })
    expect(url).toBe('https://cognito-idp.eu-central-1.amazonaws.com/')
    expect(headers['x-amz-target']).toBe('AWSCognitoIdentityProviderService.GetClientToken')
    expect(headers['content-type']).toBe('application/x-amz-json-1.1')
    expect(JSON.parse(body)).toEqual({
      ClientId: 'reader',
      Secret: 'secret+1',
      Scopes: ['premium/read'],
      ClientMetadata: { tenant: 'a' },
    })
    const all = await source.request({ clientSecret: 's', scopes: [] })
    expect(JSON.parse(all.body)).not.toHaveProperty('Scopes')
  })

  test('fills a machine token', async () => {
    const clock = fixedClock()
    const claims = { token_use: 'access', client_id: 'reader', scope: 'premium/read' }
    const endpoint = fakeFetch(() => Response.json(result(claims)))
    const token = machineToken({
      source,
      clientSecret: 's',
      scopes: ['premium/read'],
      fetch: endpoint,
      clock,
    })
    expect(await token()).toBe(jwt(claims))
    expect((await token.get()).expiresAt).toEqual(new Date(clock.now() + 3_600_000))
    expect(endpoint.seen).toHaveLength(1)
  })

  test('the endpoint is that of China, of the European Sovereign Cloud, or the one that is named', async () => {
    const urlOf = async (options: { region: string; endpoint?: string }): Promise<string> => {
      const endpoint = cognitoClientToken({ clientId: 'c', ...options })
      return (await endpoint.request({ clientSecret: 's', scopes: [] })).url
    }
    expect(await urlOf({ region: 'cn-north-1' })).toBe(
      'https://cognito-idp.cn-north-1.amazonaws.com.cn/',
    )
    expect(await urlOf({ region: 'eusc-de-east-1' })).toBe(
      'https://cognito-idp.eusc-de-east-1.amazonaws.eu/',
    )
    expect(await urlOf({ region: 'eu-central-1', endpoint: 'http://127.0.0.1:9/' })).toBe(
      'http://127.0.0.1:9/',
    )
    await expect(urlOf({ region: 'evil.example/' })).rejects.toThrow(TypeError)
    expect(() => cognitoClientToken({ region: 'eu-central-1', clientId: '' })).toThrow(TypeError)
    await expect(urlOf({ region: 'eu-central-1', endpoint: 'http://idp.example' })).rejects.toThrow(
      TypeError,
    )
  })

  test.each([
    ['no result', {}, 'UNEXPECTED_ANSWER'],
    ['no JSON', undefined, 'UNEXPECTED_ANSWER'],
    ['an ID token', result({ token_use: 'id' }), 'TOKEN_INVALID'],
    ['a token without its use', result({}), 'TOKEN_INVALID'],
    [
      'an expiry that is not a number',
      result({ token_use: 'access' }, { ExpiresIn: {} }),
      'TOKEN_INVALID',
    ],
  ])('gives no token for %s', (_, json, code) => {
    expect(thrownBy(() => source.read(answer(200, json)))).toMatchObject({ code })
  })

  test.each([
    [400, 'NotAuthorizedException', 'INVALID_CLIENT', false],
    [400, 'com.amazonaws.cognito#ResourceNotFoundException', 'INVALID_CLIENT', false],
    [400, 'ScopeDoesNotExistException', 'INVALID_SCOPE', false],
    [400, 'OperationNotEnabledException', 'UNAUTHORIZED_CLIENT', false],
    [400, 'InvalidParameterException', 'REQUEST_INVALID', false],
    [403, 'ForbiddenException', 'FORBIDDEN', false],
    [403, '', 'FORBIDDEN', false],
    [400, 'TooManyRequestsException', 'THROTTLED', true],
    [429, '', 'THROTTLED', true],
    [500, 'InternalErrorException', 'SERVICE_UNAVAILABLE', true],
    [503, '', 'SERVICE_UNAVAILABLE', true],
    [418, 'Teapot', 'UNEXPECTED_ANSWER', false],
  ])('%i %s is %s', (status, type, code, retryable) => {
    const inBody = answer(status, { __type: type, message: 'no' })
    const inHeader = answer(status, undefined, { 'x-amzn-errortype': `${type}:http://aws/` })
    for (const refusal of [inBody, inHeader]) {
      expect(thrownBy(() => source.read(refusal))).toMatchObject({ code, status, retryable })
    }
  })

  test('distinguishes a scope from another parameter by the message', () => {
    const json = { __type: 'InvalidParameterException', message: 'Invalid scope requested.' }
    expect(thrownBy(() => source.read(answer(400, json)))).toMatchObject({ code: 'INVALID_SCOPE' })
  })
})
