const answered = new WeakMap<object, Request>()

/**
 * Wraps a `fetch` so that `explain` knows which request an answer or an error belongs to: give it to
 * `createIamFetch({ fetch: rememberRequests() })`.
 *
 * Each request is copied before it leaves, and the copy is kept as long as its answer is, if that is a refusal. Meant for
 * development and for whoever hunts a refusal: a large body is in memory twice meanwhile.
 *
 * @param fetch  What sends. Defaults to the platform's. What it is told beside the request is handed on: React Native's
 *   `Request` cannot say which redirects to follow.
 */
export function rememberRequests(
  fetch: typeof globalThis.fetch = (...sent) => globalThis.fetch(...sent),
): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    // What is sent is no clone: of a body that was split in two Chromium's network tools show nothing. What is read is
    // one: React Native makes no request of one that was read.
    const { method } = request
    const body = /^(GET|HEAD)$/.test(method) ? undefined : await request.clone().arrayBuffer()
    const twin = (): Request => (body ? new Request(request, { method, body }) : request.clone())
    const copy = twin()
    try {
      const response = await fetch(body ? twin() : request, init)
      if (!response.ok) answered.set(response, copy)
      return response
    } catch (error) {
      if (error instanceof Error) answered.set(error, copy)
      throw error
    }
  }
}

/** The request that was remembered for a response, an error or an error's cause. */
export function requestOf(answer: unknown): Request | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const cause = answer instanceof Error ? answer.cause : undefined
  return answered.get(answer) ?? (cause instanceof Error ? answered.get(cause) : undefined)
}
