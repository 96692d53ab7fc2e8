import { errorText, withGlobal } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { followTabs } from '../src/index.ts'
import { followAppState } from '../src/native.ts'
import { fakePool } from './fake-pool.ts'

// What the other tests of this package do not produce: one mistake for each message.

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => followAppState(fakePool().make(), undefined as never),
    'TypeError: followAppState: "appState" must be AppState of react-native, got undefined',
  ],
  [
    () => withGlobal('BroadcastChannel', undefined, () => followTabs(fakePool().make())),
    'TypeError: followTabs: "channel" is required, because there is no BroadcastChannel',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })
})
