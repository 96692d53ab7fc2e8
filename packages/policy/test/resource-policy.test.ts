import { describe, expect, it } from 'vitest'
import {
  createEvaluator,
  evaluate,
  type PolicyPrincipal,
  type PolicyStatement,
} from '../src/index.ts'
import { GET_TEST } from './support/decide.ts'

const ROLE = 'arn:aws:iam::123456789012:role/Reader'
const SESSION = 'arn:aws:sts::123456789012:assumed-role/Reader/alice'
const caller: PolicyPrincipal = { type: 'AWS', name: [SESSION, ROLE] }
const base: PolicyStatement = {
  Effect: 'Allow',
  Principal: '*',
  Action: 'execute-api:Invoke',
  Resource: GET_TEST,
}
const decide = (statement: Partial<PolicyStatement>, principal: PolicyPrincipal = caller) =>
  evaluate(
    { Version: '2012-10-17', Statement: { ...base, ...statement } },
    { action: 'execute-api:Invoke', resource: GET_TEST, principal },
  )

describe('the principal of a resource policy', () => {
  const rows: [
    what: string,
    Principal: PolicyStatement['Principal'],
    signed: string,
    anonymous: string,
  ][] = [
    ['* means everybody', '*', 'Allow', 'Allow'],
    ['{ AWS: * } means everybody', { AWS: '*' }, 'Allow', 'Allow'],
    ['the ARN of the role means its sessions', { AWS: ROLE }, 'Allow', 'ImplicitDeny'],
    [
      'the ARN of the session means it',
      { AWS: ['arn:aws:iam::123456789012:role/X', SESSION] },
      'Allow',
      'ImplicitDeny',
    ],
    ['another role means no caller here', { AWS: `${ROLE}2` }, 'ImplicitDeny', 'ImplicitDeny'],
    ['the account leaves it to the role', { AWS: '123456789012' }, 'ImplicitDeny', 'ImplicitDeny'],
    [
      'the root of the account as well',
      { AWS: 'arn:aws:iam::123456789012:root' },
      'ImplicitDeny',
      'ImplicitDeny',
    ],
    [
      'a service is not a role',
      { Service: 'lambda.amazonaws.com' },
      'ImplicitDeny',
      'ImplicitDeny',
    ],
  ]
  it.each(rows)('%s', (_, Principal, signed, anonymous) => {
    expect(decide({ ...(Principal && { Principal }) }).effect).toBe(signed)
    expect(decide({ ...(Principal && { Principal }) }, 'anonymous').effect).toBe(anonymous)
  })

  it('as an account denies everybody of it', () => {
    const Principal = { AWS: '123456789012' }
    expect(decide({ Effect: 'Deny', Principal }).effect).toBe('ExplicitDeny')
    const other = { AWS: '999999999999' }
    expect(decide({ Effect: 'Deny', Principal: other }).effect).toBe('ImplicitDeny')
  })

  it('is named in the reason', () => {
    expect(decide({ Principal: { AWS: ROLE } }, 'anonymous').nearest?.reason).toBe(
      'its Principal does not have anonymous callers',
    )
    expect(decide({ Principal: { AWS: '123456789012' } }).nearest?.reason).toBe(
      'its Principal is the account, which leaves the decision to the policy of the role',
    )
  })
})

describe('the short form of a resource', () => {
  const rows: [Resource: string, effect: string][] = [
    ['execute-api:/*', 'Allow'],
    ['execute-api:/prod/GET/test', 'Allow'],
    ['execute-api:/*/*/test', 'Allow'],
    ['execute-api:/prod/POST/test', 'ImplicitDeny'],
    ['execute-api:/other/GET/test', 'ImplicitDeny'],
    ['execute-api:/', 'ImplicitDeny'],
  ]
  it.each(rows)('%s', (Resource, effect) => {
    expect(decide({ Resource }).effect).toBe(effect)
  })

  it('is not one of identity policies', () => {
    const { Principal: _, ...statement } = { ...base, Resource: 'execute-api:/*' }
    const request = { action: 'execute-api:Invoke', resource: GET_TEST }
    expect(() => evaluate({ Statement: statement }, request)).toThrow('must be "*" or an ARN')
  })
})

describe('createEvaluator', () => {
  it('does not see later changes of its documents', () => {
    const { Principal: _, ...statement } = base
    const document = { Statement: [statement] }
    const decideAll = createEvaluator(document)
    document.Statement[0]!.Effect = 'Deny'
    const request = { action: 'execute-api:Invoke', resource: GET_TEST }
    expect([decideAll(request).effect, evaluate(document, request).effect]).toEqual([
      'Allow',
      'ExplicitDeny',
    ])
  })

  it('refuses a request for policies of another kind', () => {
    const decideTrust = createEvaluator(
      { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' } },
      { kind: 'trust' },
    )
    expect(() => decideTrust({ action: 'sts:AssumeRole' })).toThrow(
      'createEvaluator: "request.principal" must be that of a request to trust policies',
    )
    expect(decideTrust({ action: 'sts:AssumeRole', principal: caller }).effect).toBe('Allow')
  })
})
