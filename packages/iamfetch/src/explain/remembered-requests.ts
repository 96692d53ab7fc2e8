import { invalidOption } from '@iamfetch/core'
import { isAtHand } from '../read-outgoing.ts'

const answered = new WeakMap<object, Request>()

/**
 * Wraps a `fetch` so that `explain` knows which request a response or an error belongs to.
 *
 * Each request is copied before it is sent, and the copy is kept as long as its response, if that is a refusal. Meant for
 * development: a large body is in memory twice.
 *
 * @param fetch  What sends. It is always called with a `Request`. Defaults to the platform's `fetch`.
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl, credentials, fetch: rememberRequests() })
 * const explanation = await explain(await iamFetch('/notes'))
 * ```
 */
export function rememberRequests(
  fetch: (request: Request, init?: RequestInit) => Promise<Response> = (request, init) =>
    globalThis.fetch(request, init),
): typeof globalThis.fetch {
  if (typeof fetch !== 'function') {
    throw invalidOption('rememberRequests', '"fetch" must be a function', fetch)
  }
  return async (input, init) => {
    const twin = isAtHand(input, init)
      ? (): Request => new Request(input, init)
      : await twinsOf(
          typeof input === 'object' && 'url' in input ? input : new Request(input, init),
        )
    const copy = twin()
    try {
      // `init` is passed on: React Native's `Request` cannot say which redirects to follow.
      const response = await fetch(twin(), init)
      if (!response.ok) answered.set(response, copy)
      return response
    } catch (error) {
      if (error instanceof Error) answered.set(error, copy)
      throw error
    }
  }
}

/**
 * What creates the same request any number of times.
 *
 * What is sent is not a clone: Chromium's network tools show nothing of a body that was split in two. What is read is one: React
 * Native creates no request from one that was read.
 */
async function twinsOf(request: Request): Promise<() => Request> {
  const { method } = request
  if (method === 'GET' || method === 'HEAD') return () => request.clone()
  const body = await request.clone().arrayBuffer()
  return () => new Request(request, { method, body })
}

/** The request that was remembered for a response, an error or an error's cause. */
export function requestOf(answer: unknown): Request | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const cause = answer instanceof Error ? answer.cause : undefined
  return answered.get(answer) ?? (cause instanceof Error ? answered.get(cause) : undefined)
}
