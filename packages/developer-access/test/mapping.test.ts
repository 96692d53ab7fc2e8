import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  dictionary,
  nat,
  oneof,
  record,
  subarray,
} from 'fast-check'
import { IamFetchError } from '@iamfetch/core'
import { resolveCaller } from '@iamfetch/server'
import { eventFixtures, machineClaims } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import { opaqueIssuer, type KeyUser } from '../src/index.ts'
import { eventWith, rig, secretOf } from './fixtures.ts'

const scopes = ['notes/read', 'notes/write', 'admin/all']
const users: KeyUser[] = ['ann', 'ben', 'cleo'].map((name, index) => ({
  userId: `id of ${name}`,
  username: name,
  scopes: scopes.slice(0, index + 1),
}))

/** One thing that a user does, to a key of anybody's. */
type Act =
  | { kind: 'create'; user: number; scopes: string[]; idempotencyKey?: string | undefined }
  | { kind: 'rotate'; user: number; key: number; graceSeconds: number }
  | { kind: 'patch'; user: number; key: number; scopes: string[] }
  | { kind: 'revoke'; user: number; key: number }
  | { kind: 'leave'; user: number }
  | { kind: 'time'; seconds: number }
  | { kind: 'sweep' }

const user = nat({ max: users.length - 1 })
const key = nat({ max: 11 })
const some = subarray(scopes)
const act: Arbitrary<Act> = oneof(
  { weight: 4, arbitrary: record({ kind: constant('create' as const), user, scopes: some }) },
  record({
    kind: constant('create' as const),
    user,
    scopes: some,
    idempotencyKey: constantFrom('a', 'b'),
  }),
  {
    weight: 3,
    arbitrary: record({
      kind: constant('rotate' as const),
      user,
      key,
      graceSeconds: constantFrom(0, 5, 60),
    }),
  },
  record({ kind: constant('patch' as const), user, key, scopes: some }),
  record({ kind: constant('revoke' as const), user, key }),
  record({ kind: constant('leave' as const), user }),
  record({ kind: constant('time' as const), seconds: constantFrom(1, 5, 70) }),
  record({ kind: constant('sweep' as const) }),
)

describe('whatever users do', () => {
  it('a secret belongs to its user or to no user, within the scopes that this user holds', async () => {
    let worked = 0
    await assert(
      asyncProperty(array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        const { access, clock, store } = rig({ users: { profile: () => ({}) } })
        const keys: { id: string; clientId: string; userId: string }[] = []
        const secrets: { value: string; userId: string; clientId: string }[] = []
        const perform = async (one: Act): Promise<void> => {
          if (one.kind === 'time') return clock.jump(one.seconds * 1_000)
          if (one.kind === 'sweep') return void (await access.sweep())
          const who = users[one.user]!
          if (one.kind === 'leave') return void (await access.removeUser(who.userId))
          if (one.kind === 'create') {
            const { idempotencyKey } = one
            const asked = { label: 'a key', scopes: one.scopes }
            const made = await access.createKey(who, asked, { idempotencyKey })
            const { id, clientId } = made.key
            keys.push({ id, clientId, userId: who.userId })
            if (!made.replayed) {
              secrets.push({ value: secretOf(made), userId: who.userId, clientId })
            }
            return undefined
          }
          const meant = keys[one.key]
          if (!meant) return undefined
          const own = meant.userId === who.userId
          if (one.kind === 'rotate') {
            const { graceSeconds } = one
            const made = await access.rotateKey(who, meant.id, { graceSeconds })
            secrets.push({ value: secretOf(made), userId: meant.userId, clientId: meant.clientId })
          }
          if (one.kind === 'patch') await access.patchKey(who, meant.id, { scopes: one.scopes })
          if (one.kind === 'revoke') await access.revokeKey(who.userId, meant.id)
          // It would have thrown.
          if (!own) wrong.push(one)
          return undefined
        }
        const wrong: unknown[] = []
        for (const one of acts) {
          await perform(one).catch((error: unknown) => {
            if (!(error instanceof IamFetchError)) wrong.push(error)
          })
        }
        for (const { value, userId, clientId } of secrets) {
          const caller = await resolveCaller(eventWith(value), access.callerOptions({})).catch(
            (error: unknown) => error,
          )
          const held = users.find((who) => who.userId === userId)?.scopes ?? []
          if (caller instanceof Error) {
            const { code } = Object(caller)
            if (code !== 'TOKEN_INVALID' && code !== 'TOKEN_REJECTED') wrong.push(caller)
            continue
          }
          worked++
          const { subject, actor, scopes: may } = Object(caller)
          const within = may.every((one: string) => held.includes(one))
          if (subject !== userId || actor.clientId !== clientId || !within) wrong.push(caller)
        }
        // The three names lead to each other, or nowhere.
        for (const { clientId, userId } of keys) {
          const owner = await access.resolveOwner(clientId)
          if (!owner) continue
          const byName = await access.findUser({ username: owner.username })
          const byId = await access.findUser({ userId })
          const stored = await store.byClientId(clientId)
          const found = [owner.userId, byName?.userId, byId?.userId, stored?.user?.userId]
          if (found.some((one) => one !== userId)) wrong.push(found)
          if (!byId?.clientIds.includes(clientId)) wrong.push(byId)
        }
        expect(wrong).toEqual([])
      }),
      { numRuns: 150 },
    )
    expect(worked).toBeGreaterThan(100)
  })

  it('no claim of a machine’s token makes it another user’s', async () => {
    // As an issuer whose keys are exchanged for tokens.
    const { access } = rig({ issuer: { ...opaqueIssuer(), issues: () => true } })
    const ann = await access.createKey(users[0]!, { label: 'a', scopes: [] })
    const ben = await access.createKey(users[1]!, { label: 'b', scopes: [] })
    const { clientId } = ann.key
    const own = { ...machineClaims, sub: clientId, client_id: clientId }
    const claim = constantFrom(
      users[1]!.userId,
      users[1]!.username,
      ben.key.clientId,
      ben.key.id,
      `${ben.key.clientId} `,
      [ben.key.clientId],
    )
    const name = constantFrom('owner', 'act', 'azp', 'subject', 'user', 'uid', 'aud', 'email')
    await assert(
      asyncProperty(dictionary(name, claim), async (added) => {
        const event = eventFixtures['http-jwt'].event({ claims: { ...added, ...own } })
        const caller = await resolveCaller(event, access.callerOptions({}))
        expect(caller).toMatchObject({ subject: users[0]!.userId, username: 'ann' })
        expect(caller.email).toBeUndefined()
      }),
    )
  })
})
