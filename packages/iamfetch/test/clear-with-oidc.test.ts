import { beforeEach, expect, test } from 'vitest'
import { clearWithOidc, type OidcUser, type OidcUserManager } from '../src/oidc.ts'
import { settle } from './caller-scene.ts'

const userOf = (sub: string): OidcUser => ({ profile: { iss: 'https://login.example', sub } })

/** A `UserManager` whose events and whose first read happen when the test says so. */
interface Manager extends OidcUserManager {
  readonly load: (user: OidcUser) => void
  readonly unload: () => void
  readonly read: (user: OidcUser | null | Error) => Promise<void>
}

function managerOf(): Manager {
  const loaded = new Set<(user: OidcUser) => void>()
  const unloaded = new Set<() => void>()
  let endRead: (user: OidcUser | null | Promise<never>) => void = () => {}
  const reading = new Promise<OidcUser | null>((resolve) => (endRead = resolve))
  return {
    getUser: () => reading,
    signinSilent: async () => null,
    events: {
      addUserLoaded: (heard) => (loaded.add(heard), () => void loaded.delete(heard)),
      addUserUnloaded: (heard) => (unloaded.add(heard), () => void unloaded.delete(heard)),
      addUserSignedOut: () => () => {},
      removeUserSignedOut: () => {},
    },
    load: (user) => loaded.forEach((heard) => heard(user)),
    unload: () => unloaded.forEach((heard) => heard()),
    read: async (user) => {
      endRead(user instanceof Error ? Promise.reject(user) : user)
      await settle()
    },
  }
}

let manager: Manager
let happened: string[]

beforeEach(() => {
  manager = managerOf()
  happened = []
  clearWithOidc(manager, {
    clear: () => void happened.push('clear'),
    checkSignIn: async () => happened.push('read'),
  })
})

test('a renewal of the user who is signed in clears nothing', async () => {
  await manager.read(userOf('alice'))
  manager.load(userOf('alice'))
  expect(happened).toEqual([])
})

test('a silent renewal that returns another subject clears the credentials, and reads the token again', async () => {
  await manager.read(userOf('alice'))
  manager.load(userOf('bob'))
  expect(happened).toEqual(['clear', 'read'])
})

test('a user who leaves before the first read has ended is noticed when coming back', async () => {
  manager.unload()
  await manager.read(userOf('alice'))
  manager.load(userOf('alice'))
  expect(happened).toEqual(['clear', 'clear', 'read'])
})

test('a first read that fails late does not sign out the user who signed in during it', async () => {
  manager.load(userOf('bob'))
  await manager.read(new Error('The storage cannot be read'))
  expect(happened).toEqual(['clear', 'read'])
  manager.load(userOf('bob'))
  expect(happened).toEqual(['clear', 'read'])
})
