import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate, evaluatePartially, type PolicyDocument } from '../src/index.ts'

const API = 'arn:aws:execute-api:eu-central-1:123456789012:abc'
const policy = (...Statement: PolicyDocument['Statement'][]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: Statement.flat(),
})
const on = (Effect: 'Allow' | 'Deny', Resource: string | string[], more: object = {}) =>
  policy({ Effect, Action: 'execute-api:Invoke', Resource, ...more })
const of = (documents: PolicyDocument[], route: string, context = {}) =>
  evaluatePartially(documents, {
    action: 'execute-api:Invoke',
    resource: `${API}/prod/${route}`,
    context,
  })
const office = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }

test.each([
  ['a literal route', 'GET/notes', 'GET/notes', 'Allow'],
  ['a wildcard for a parameter', 'GET/notes/*', 'GET/notes/{id}', 'Allow'],
  ['one question mark for a parameter of any length', 'GET/notes/?', 'GET/notes/{id}', 'Depends'],
  ['one value of a parameter', 'GET/notes/42', 'GET/notes/{id}', 'Depends'],
  ['another number of segments', 'GET/notes/*/comments', 'GET/notes/{id}', 'ImplicitDeny'],
  ['more segments for the rest of a path', 'GET/notes/*/comments', 'GET/{proxy+}', 'Depends'],
  ['everything for the rest of a path', '*', 'GET/{proxy+}', 'Allow'],
  ['two parameters', 'GET/a/*/b/*', 'GET/a/{one}/b/{two}', 'Allow'],
  ['a wildcard inside of a segment', 'GET/notes/draft-*', 'GET/notes/draft-{id}', 'Allow'],
  ['another method', 'POST/notes', 'GET/notes', 'ImplicitDeny'],
])('a policy that allows %s', (_, allowed, route, effect) => {
  expect(of([on('Allow', `${API}/*/${allowed}`)], route).effect).toBe(effect)
})

test('a condition on a key that is not known decides, and its key is named', () => {
  const read = on('Allow', `${API}/*/GET/notes`, { Sid: 'Office', Condition: office })
  expect(of([read], 'GET/notes')).toEqual({
    effect: 'Depends',
    decidedBy: { document: 0, statement: 0, sid: 'Office' },
    dependsOn: ['aws:SourceIp'],
  })
  expect(of([read], 'GET/notes', { 'AWS:sourceip': '203.0.113.7' }).effect).toBe('Allow')
  expect(of([read], 'GET/notes', { 'aws:SourceIp': '198.51.100.1' }).effect).toBe('ImplicitDeny')
  // Known to be missing.
  expect(of([read], 'GET/notes', { 'aws:SourceIp': undefined }).effect).toBe('ImplicitDeny')
  expect(of([read], 'POST/notes').effect).toBe('ImplicitDeny')
})

test('a condition that cannot change the decision is not named', () => {
  const read = on('Allow', `${API}/*/GET/notes`)
  const fromOffice = on('Allow', '*', { Condition: office })
  expect(of([fromOffice, read], 'GET/notes')).toEqual({
    effect: 'Allow',
    decidedBy: { document: 1, statement: 0 },
  })
  expect(of([on('Deny', '*'), fromOffice], 'GET/notes').effect).toBe('ExplicitDeny')
  expect(of([on('Deny', '*', { Condition: office })], 'GET/notes').effect).toBe('ImplicitDeny')
})

test('a deny that may apply makes an allow depend on it', () => {
  const documents = [on('Allow', '*'), on('Deny', `${API}/*/GET/notes/secret`)]
  expect(of(documents, 'GET/notes/{id}')).toEqual({
    effect: 'Depends',
    decidedBy: { document: 1, statement: 0 },
    dependsOn: ['{id}'],
  })
  expect(of(documents, 'GET/notes').effect).toBe('Allow')
})

test('a policy variable is any text until its key is known', () => {
  const own = on('Allow', `${API}/*/GET/users/\${cognito-identity.amazonaws.com:sub}/notes`)
  const sub = 'cognito-identity.amazonaws.com:sub'
  expect(of([own], 'GET/users/{id}/notes')).toMatchObject({ effect: 'Depends', dependsOn: [sub] })
  expect(of([own], 'GET/users/me')).toMatchObject({ effect: 'ImplicitDeny' })
  expect(of([own], 'GET/users/me/notes', { [sub]: 'me' }).effect).toBe('Allow')
  expect(of([own], 'GET/users/me/notes', { [sub]: 'you' }).effect).toBe('ImplicitDeny')
  const tag = { StringEquals: { 'aws:PrincipalType': "${aws:PrincipalTag/type, 'User'}" } }
  expect(
    of([on('Allow', '*', { Condition: tag })], 'GET/notes', { 'aws:PrincipalType': 'User' }),
  ).toMatchObject({ effect: 'Depends', dependsOn: ['aws:PrincipalTag/type'] })
})

test('NotResource and NotAction are the opposite of Resource and Action', () => {
  const except = policy({
    Effect: 'Allow',
    NotAction: 'execute-api:ManageConnections',
    NotResource: [`${API}/*/GET/notes`, `${API}/*/GET/files/a`],
  })
  expect(of([except], 'GET/notes').effect).toBe('ImplicitDeny')
  expect(of([except], 'GET/other').effect).toBe('Allow')
  expect(of([except], 'GET/files/{name}')).toMatchObject({
    effect: 'Depends',
    dependsOn: ['{name}'],
  })
})

test('wrong policies and requests are refused as evaluate refuses them', () => {
  expect(() => of([{ Statement: [] }], 'GET/notes')).toThrow('must not be an empty list')
  expect(() => evaluatePartially(on('Allow', '*'), { action: '' })).toThrow(
    'evaluatePartially: "request.action" must be a string',
  )
})

test('with a whole request it decides as evaluate does, and otherwise every request agrees with it', () => {
  const segment = fc.constantFrom('*', 'a', 'b', '?', 'a*', '${aws:userid}')
  const statement = fc.record({
    Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    Action: fc.constantFrom('*', 'execute-api:Invoke', 'execute-api:Manage*'),
    Resource: fc.array(
      fc
        .array(segment, { minLength: 1, maxLength: 3 })
        .map((all) => `${API}/prod/${all.join('/')}`),
      { minLength: 1, maxLength: 2 },
    ),
    Condition: fc.constantFrom({}, { StringEquals: { 'aws:userid': 'a' } }, { Null: { x: true } }),
  })
  const resource = fc.array(fc.constantFrom('a', 'b', 'ab', '{p}'), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(
      fc.array(statement, { minLength: 1, maxLength: 3 }),
      resource,
      fc.constantFrom('a', 'b', 'abc'),
      fc.constantFrom(undefined, 'a', 'b'),
      (Statement, parts, value, user) => {
        const documents = [policy(...Statement)]
        const action = 'execute-api:Invoke'
        const text = `${API}/prod/${parts.join('/')}`
        const whole = text.replaceAll('{p}', value)
        const context = { 'aws:userid': user, x: undefined }
        const decided = evaluate(documents, { action, resource: whole, context }).effect
        const known = evaluatePartially(documents, { action, resource: whole, context })
        // A variable whose key is known to be missing matches nothing; partially it is not known.
        expect(user === undefined || known.effect === decided).toBe(true)
        const partial = evaluatePartially(documents, { action, resource: text })
        const agrees = (partial.effect === 'Allow') === (decided === 'Allow')
        expect(partial.effect === 'Depends' || agrees).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})
