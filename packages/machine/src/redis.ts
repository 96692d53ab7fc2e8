import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import type { TokenStore } from './store.ts'

/** A client of node-redis (v5, v6), ioredis or iovalkey: anything that sends a command. Not a cluster of node-redis. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> }

/** Which Redis, and where in it. */
export interface RedisStoreOptions {
  /** Connected, and with an `error` listener, which both libraries need. It is not closed here. */
  client: RedisClient
  /** The beginning of every key. @default 'iamfetch:' */
  prefix?: string | undefined
  /** How long an operation may take, in milliseconds. @default 50 */
  timeoutMs?: number | undefined
}

const NAMES: OptionNames<RedisStoreOptions> = { client: true, prefix: true, timeoutMs: true }

/**
 * Takes a lease that is free or the owner's already: a client that connects again repeats a command whose response was lost.
 */
const TAKE = `if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end if redis.call('get', KEYS[1]) == ARGV[1] then return 1 end return 0`

/** Deletes a lease if it is still its owner's, in one step. */
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/**
 * Shares tokens through Redis or Valkey, with leases.
 *
 * @see [Redis: distributed locks, the case of a single instance](https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/#correct-implementation-with-a-single-instance)
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const store = redisStore({ client }) // a connected client of `redis` or `ioredis`
 * ```
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  checkOptions('redisStore', options, NAMES)
  const { client, prefix = 'iamfetch:', timeoutMs } = options
  if (typeof prefix !== 'string') {
    throw invalidOption('redisStore', '"prefix" must be a text', prefix)
  }
  const send = sender(client)
  const leaseOf = (key: string): string => `${prefix}${key}.lease`
  return {
    timeoutMs,
    async get(key) {
      const value = await send('GET', prefix + key)
      return typeof value === 'string' ? value : undefined
    },
    set: (key, value, ttlMs) => send('SET', prefix + key, value, 'PX', wholeMs(ttlMs)),
    delete: (key) => send('DEL', prefix + key),
    tryLease: async (key, owner, ttlMs) =>
      Number(await send('EVAL', TAKE, '1', leaseOf(key), owner, wholeMs(ttlMs))) === 1,
    release: (key, owner) => send('EVAL', RELEASE, '1', leaseOf(key), owner),
  }
}

function sender(client: RedisClient): (...command: [string, ...string[]]) => Promise<unknown> {
  if (client instanceof Object) {
    // The `sendCommand` of ioredis takes another argument.
    if ('call' in client && typeof client.call === 'function') {
      return (...command) => client.call(...command)
    }
    if ('sendCommand' in client && typeof client.sendCommand === 'function') {
      return (...command) => client.sendCommand(command)
    }
  }
  throw invalidOption(
    'redisStore',
    '"client" must be a client of node-redis, ioredis or iovalkey',
    client,
  )
}

/** `PX` takes whole milliseconds, at least 1. */
const wholeMs = (ms: number): string => String(Math.max(1, Math.floor(ms)))
