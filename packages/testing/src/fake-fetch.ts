/** One request that a {@link FakeFetch} received. */
export interface Seen {
  url: string
  method: string
  headers: Headers
  body: string
  request: Request
}

/** A `fetch` whose responses come from a function, and which records its calls. */
export interface FakeFetch {
  (input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  readonly seen: readonly Seen[]
}

/**
 * Creates a `fetch` for tests. Aborts as the real one does, also while `answer` is pending.
 *
 * @param answer  Returns the response (or throws, as `fetch` does when the network fails). `index` counts from 0.
 */
export function fakeFetch(
  answer: (seen: Seen, index: number) => Response | Promise<Response>,
): FakeFetch {
  const seen: Seen[] = []
  const fake = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const call: Seen = {
      url: request.url,
      method: request.method,
      headers: request.headers,
      body: await request.clone().text(),
      request,
    }
    seen.push(call)
    const aborted = new Promise<never>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true })
    })
    return Promise.race([answer(call, seen.length - 1), aborted])
  }
  return Object.assign(fake, { seen })
}

/** Creates a `fetch` from a function of a `Request`, however it is called. */
export const fetchOf =
  (send: (request: Request) => Promise<Response>): typeof globalThis.fetch =>
  (input, init) =>
    send(new Request(input, init))
