const streamed = new WeakSet<Response>()

/** Marks a response that is sent while its body is written. */
export function asStreamed(response: Response): Response {
  streamed.add(response)
  return response
}

/** Whether a response is to be sent while its body is written; every other is sent at once. */
export const isStreamed = (response: Response): boolean => streamed.has(response)
