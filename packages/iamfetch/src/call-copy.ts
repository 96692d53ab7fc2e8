import { copyOptions } from '@iamfetch/core'

/** Copies the options of a call with what they inherit, as `fetch` reads it: options may be of a class, or a `Request`. */
export const allOptionsOf = (init: RequestInit | undefined): RequestInit | undefined =>
  init && { ...init, ...copyOptions(init) }

/**
 * Copies what a call was given. `fetch` reads it at once, so what a page changes while a call waits for something else must not count.
 * A `Request` and a stream are left as they are.
 */
export function copyOfCall(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): [RequestInfo | URL, RequestInit | undefined] {
  const copy = allOptionsOf(init)
  if (copy?.headers) copy.headers = new Headers(copy.headers)
  if (copy?.body) copy.body = copyOfBody(copy.body)
  return [input instanceof URL ? input.href : input, copy]
}

function copyOfBody(body: BodyInit): BodyInit {
  if (body instanceof URLSearchParams) return new URLSearchParams(body)
  if (body instanceof ArrayBuffer) return body.slice(0)
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
  }
  // React Native's has no `entries`, and its parts are files of the device.
  if (body instanceof FormData && 'entries' in body) {
    const copy = new FormData()
    for (const [name, value] of body.entries()) copy.append(name, value)
    return copy
  }
  return body
}
