import { expect, test } from 'vitest'
import {
  checkOptions,
  copyOptions,
  invalidOption,
  isIamFetchError,
  type OptionNames,
} from '../src/index.ts'

interface Options {
  groups?: readonly string[]
  timeoutMs?: number
}
const NAMES: OptionNames<Options> = { groups: true, timeoutMs: true }

test('a copy of options has what their classes define, and nothing of Object.prototype', () => {
  class Options {
    own = 1
    get inherited(): number {
      return 2
    }
  }
  const given = Object.defineProperty(new Options(), 'hidden', { value: 3 })
  expect(copyOptions(given)).toEqual({ own: 1, inherited: 2, hidden: 3 })
  expect(Object.getPrototypeOf(copyOptions(given))).toBeNull()
  expect(copyOptions(undefined)).toBeUndefined()
})

test('a misspelt option is an error that names the options', () => {
  const options = { group: ['Admins'] }
  expect(() => checkOptions('withCaller', options as Options, NAMES)).toThrow(
    expect.objectContaining({
      name: 'TypeError',
      code: 'INVALID_OPTION',
      message: 'withCaller: "group" is not an option; the options are groups, timeoutMs',
    }),
  )
})

test('an option that must be a function is checked if it is given, and named with the option that holds it', () => {
  const names: OptionNames<{ onEvent?: unknown }> = { onEvent: 'function' }
  expect(() => checkOptions('f', { onEvent: 'log' }, names)).toThrow(
    'f: "onEvent" must be a function, got "log"',
  )
  expect(() => checkOptions('f', { onEvent: null }, names, 'log')).toThrow(
    'f: "log.onEvent" must be a function, got null',
  )
  expect(() => checkOptions('f', { onEvent: undefined }, names)).not.toThrow()
  expect(() => checkOptions<object>('f', { other: 1 }, names, 'log')).toThrow(
    'f: "log.other" is not an option; the options are onEvent',
  )
})

test('an unknown option is an error also without a value and inherited', () => {
  const text = 'f: "other" is not an option; the options are groups, timeoutMs'
  expect(() => checkOptions('f', { other: undefined } as Options, NAMES)).toThrow(text)
  expect(() => checkOptions('f', Object.create({ other: 1 }) as Options, NAMES)).toThrow(text)
  expect(() => checkOptions('f', { toString: 1 } as unknown as Options, NAMES)).toThrow(
    '"toString"',
  )
})

test('known options pass', () => {
  expect(() => checkOptions('f', { groups: [] }, NAMES)).not.toThrow()
})

test.each([undefined, null, [], 'text', () => {}])(
  '%s in place of the options is an error',
  (value) => {
    expect(() => checkOptions('f', value as unknown as Options, NAMES)).toThrow(
      'f: the options must be an object, got',
    )
  },
)

test('options that are a part of others are named by their path', () => {
  expect(() => checkOptions('f', false as unknown as Options, NAMES, 'retry')).toThrow(
    'f: "retry" must be an object, got false',
  )
})

test('the error for a wrong option has the value only if it is given', () => {
  expect(invalidOption('f', '"a" must be a number', '/api').message).toBe(
    'f: "a" must be a number, got "/api"',
  )
  expect(invalidOption('f', '"a" must be a number', undefined).message).toBe(
    'f: "a" must be a number, got undefined',
  )
  expect(invalidOption('f', '"secret" must be a text').message).toBe('f: "secret" must be a text')
  expect(isIamFetchError(invalidOption('f', '"a" is wrong'))).toBe(false)
})

test('an option of a wrong kind is an error that names the kind', () => {
  const names: OptionNames<Record<'count' | 'texts' | 'bag' | 'clock', unknown>> = {
    count: 'number',
    texts: 'strings',
    bag: 'object',
    clock: 'clock',
  }
  const check = (options: object) => () =>
    checkOptions('f', { count: 1, texts: [], bag: {}, clock: Date, ...options }, names)
  expect(check({})).not.toThrow()
  expect(check({ count: Infinity, texts: ['a'] })).not.toThrow()
  expect(check({ count: Number.NaN })).toThrow('f: "count" must be a number, got NaN')
  for (const texts of ['a', [undefined], ['a', 1], [null]]) {
    expect(check({ texts })).toThrow('f: "texts" must be an array of strings, got')
  }
  for (const bag of [null, 'a', () => {}]) {
    expect(check({ bag })).toThrow('f: "bag" must be an object, got')
  }
  expect(check({ clock: {} })).toThrow('f: "clock" must be an object with a function "now", got')
})
