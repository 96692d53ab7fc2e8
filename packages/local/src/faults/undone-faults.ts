import type { StackDefinition } from '../definition/definition.ts'
import type { Faults } from './faults.ts'

/**
 * Wraps the faults of a stack for one test.
 *
 * @returns The faults, and what withdraws the orders, moves the clock back and puts users into the definition's groups.
 */
export function undoneFaults<Definition extends StackDefinition>(
  all: Faults<Definition>,
  { users = {} }: StackDefinition,
): { faults: Faults<Definition>; undo: () => void } {
  let movedMs = 0
  const movedUsers = new Set<string>()
  const faults: Faults<Definition> = {
    ...all,
    shiftClock(ms) {
      all.shiftClock(ms)
      movedMs += ms
    },
    setGroups(username, groups) {
      all.setGroups(username, groups)
      movedUsers.add(username)
    },
  }
  const undo = (): void => {
    all.reset()
    if (movedMs !== 0) all.shiftClock(-movedMs)
    for (const username of movedUsers) all.setGroups(username, users[username]?.groups ?? [])
  }
  return { faults, undo }
}
