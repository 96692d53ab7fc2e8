import type { TokenStore } from './store.ts'

/** A client of node-redis (v5, v6), or of ioredis or iovalkey: whatever sends a command. Not a cluster of node-redis. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> }

/** Which Redis, and where in it. */
export interface RedisStoreOptions {
  /** Connected, and with an `error` listener: both libraries need one. Making and closing it is the caller's. */
  client: RedisClient
  /** Stands before every key. @default 'iamfetch:' */
  prefix?: string | undefined
  /** How long an operation may take, in milliseconds. @default 50 */
  timeoutMs?: number | undefined
}

/** Deletes a lease that is still its owner's, in one step. */
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/**
 * Shares tokens through Redis or Valkey, with leases.
 *
 * @see [Redis: distributed locks, the case of a single instance](https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/#correct-implementation-with-a-single-instance)
 * @throws TypeError for something that is no client.
 */
export function redisStore({
  client,
  prefix = 'iamfetch:',
  timeoutMs,
}: RedisStoreOptions): TokenStore {
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
      (await send('SET', leaseOf(key), owner, 'NX', 'PX', wholeMs(ttlMs))) === 'OK',
    release: (key, owner) => send('EVAL', RELEASE, '1', leaseOf(key), owner),
  }
}

function sender(client: RedisClient): (...command: [string, ...string[]]) => Promise<unknown> {
  if (client instanceof Object) {
    // ioredis has a `sendCommand` too, which takes something else.
    if ('call' in client && typeof client.call === 'function') {
      return (...command) => client.call(...command)
    }
    if ('sendCommand' in client && typeof client.sendCommand === 'function') {
      return (...command) => client.sendCommand(command)
    }
  }
  throw new TypeError('client: a client of node-redis, ioredis or iovalkey is needed')
}

/** `PX` takes whole milliseconds from 1. */
const wholeMs = (ms: number): string => String(Math.max(1, Math.floor(ms)))
