import { cpuMs } from '@iamfetch/testing'
import { describe, expect, it } from 'vitest'
import type { PolicyDocument } from '@iamfetch/policy'
import { createFaults } from '../src/faults/faults.ts'
import { createCognito, type Cognito } from '../src/cognito.ts'
import { drawIds } from '../src/ids.ts'
import { drawText, drawUuid, systemRandom } from '../src/random.ts'
import { createRoles, type Roles } from '../src/iam/roles.ts'
import { fillPlaceholders } from '../src/definition/placeholders.ts'
import { makeIdentity, people } from './support/serve-identity.ts'

const ids = drawIds('eu-central-1', '111122223333', systemRandom)
const roles = (apiIds: Record<string, string>): Roles => createRoles(ids, apiIds, systemRandom)
const allowing = (Resource: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }],
})
const resourceOf = (apiIds: Record<string, string>, resource: string): unknown => {
  const { policy } = roles(apiIds).add('R', { policy: allowing(resource) })
  return Array.isArray(policy.Statement) ? policy.Statement[0].Resource : policy.Statement
}

describe('the ARNs of a policy', () => {
  it.each([
    ['API_ID/*/GET/test', 'eu-central-1:111122223333:abc/*/GET/test'],
    ['API_ID_test/*/GET/API_ID/REGION', 'eu-central-1:111122223333:abc/*/GET/API_ID/REGION'],
    ['API_ID', 'eu-central-1:111122223333:abc'],
    ['other/prod/POST/a:b', 'eu-central-1:111122223333:other/prod/POST/a:b'],
  ])('get region, account and API: %s', (resource, expected) => {
    expect(resourceOf({ test: 'abc' }, `arn:aws:execute-api:REGION:ACCOUNT_ID:${resource}`)).toBe(
      `arn:aws:execute-api:${expected}`,
    )
  })

  it('keep what is written out', () => {
    const arn = 'arn:aws:execute-api:us-east-1:999988887777:xyz/*'
    expect(resourceOf({ test: 'abc' }, arn)).toBe(arn)
    expect(resourceOf({ test: 'abc' }, '*')).toBe('*')
  })

  it.each([
    [{}, 'API_ID', 'there is no API'],
    [{ a: 'x', b: 'y' }, 'API_ID', 'write one of API_ID_a, API_ID_b'],
    [{ a: 'x' }, 'API_ID_c', 'API_ID_c must name one of the APIs a'],
  ])('name an API of the stack: %j %s', (apiIds, word, message) => {
    const arn = `arn:aws:execute-api:REGION:ACCOUNT_ID:${word}/*`
    expect(() => resourceOf(apiIds, arn)).toThrow(message)
  })

  it('get the user pool, where the whole resource is one', () => {
    const arn = (id: string): string =>
      `arn:aws:cognito-idp:eu-central-1:111122223333:userpool/${id}`
    const words = 'arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID'
    expect(resourceOf({}, words)).toBe(arn(ids.userPoolId))
    expect(resourceOf({}, `${words}_x`)).toBe(arn('USER_POOL_ID_x'))
    const values = { region: 'eu-central-1', accountId: '111122223333', apiIds: {} }
    expect(() => fillPlaceholders(allowing(words), values, 'role R')).toThrow(
      'role R: the policy has USER_POOL_ID, and there is no user pool',
    )
  })

  it('are filled in where they are the whole text, so that no condition compares with the word', () => {
    const document = {
      Statement: {
        Sid: 'REGION',
        Effect: 'Deny',
        Action: 'execute-api:Invoke',
        Resource: '*',
        Condition: {
          StringNotEquals: {
            'aws:RequestedRegion': ['REGION'],
            'aws:PrincipalAccount': 'ACCOUNT_ID',
          },
        },
      },
    } as const
    const values = { region: 'eu-central-1', accountId: '111122223333', apiIds: {} }
    expect(fillPlaceholders(document, values, 'role R').Statement).toMatchObject({
      Sid: 'REGION',
      Condition: {
        StringNotEquals: {
          'aws:RequestedRegion': ['eu-central-1'],
          'aws:PrincipalAccount': '111122223333',
        },
      },
    })
  })

  it('leave the definition as it is', () => {
    const policy = allowing('arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*')
    const before = JSON.stringify(policy)
    roles({ test: 'abc' }).add('R', { policy })
    expect(JSON.stringify(policy)).toBe(before)
  })
})

describe('a role', () => {
  it('has the trust policy that AWS requires', () => {
    const { trust } = roles({}).add('R', { policy: allowing('*') })
    expect(trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: 'cognito-identity.amazonaws.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { 'cognito-identity.amazonaws.com:aud': ids.identityPoolId },
          'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
        },
      },
    ])
  })

  it('is one for a name, and two contents for a name are a mistake', () => {
    const book = roles({})
    expect(book.add('R', { policy: allowing('a') })).toBe(book.add('R', { policy: allowing('a') }))
    expect(() => book.add('R', { policy: allowing('b') })).toThrow(
      '"roleName" "R" belongs to two roles with different policies',
    )
  })
})

describe('names', () => {
  it('have the forms of AWS', () => {
    expect(ids.userPoolId).toMatch(/^eu-central-1_[A-Za-z0-9]{9}$/)
    expect(ids.userPoolClientId).toMatch(/^[a-z0-9]{26}$/)
    expect(ids.identityPoolId).toMatch(/^eu-central-1:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('are drawn evenly: bytes that would favour a letter are drawn again', () => {
    const bytes = [255, 254, 0, 251, 25, 7, 1, 1]
    const random = (size: number): Uint8Array => Uint8Array.from(bytes.splice(0, size))
    // 256 is not a multiple of 26, so bytes from 234 on are discarded.
    expect(drawText(random, 'abcdefghijklmnopqrstuvwxyz', 4)).toBe('azhb')
  })

  it('are the same for the same random bytes', () => {
    expect(drawUuid(() => new Uint8Array(16).fill(0xff))).toBe(
      'ffffffff-ffff-4fff-bfff-ffffffffffff',
    )
  })
})

describe('a definition', () => {
  it('with an unknown group is refused with the names', () => {
    expect(() => makeIdentity({ users: { alice: { groups: ['Nope'] } } })).toThrow(
      '"groups" of alice has "Nope", which is not a group of the stack',
    )
  })

  it('may be empty', () => {
    const { identity } = makeIdentity({})
    expect(identity.users).toEqual({})
    expect(identity.ids.region).toBe('eu-central-1')
  })

  it('becomes other passwords, keys and names at each start', () => {
    const [one, two] = [makeIdentity().identity, makeIdentity().identity]
    expect(two.users['alice']).not.toEqual(one.users['alice'])
    expect(two.ids).not.toEqual(one.ids)
  })

  it('is ready at once: the signing key is created in the background', async () => {
    const options = { definition: people, apiIds: { test: 'abc' }, faults: createFaults() }
    /** Whether the key is there before another thread could hand one over: nothing but microtasks run here. */
    const hasKey = async (identity: Cognito): Promise<boolean> => {
      let there = false
      void identity.jwks().then(() => (there = true))
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
      return there
    }
    const first = createCognito(options)
    expect(await hasKey(first)).toBe(false)
    const memory = await first.remember()
    expect(await hasKey(createCognito({ ...options, memory }))).toBe(true)
    // Six users at some 5 ms each; the bar of the whole stack is 500 ms.
    expect(await cpuMs(() => createCognito(options))).toBeLessThan(250)
  })
})
