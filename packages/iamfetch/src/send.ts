import { invalidOption } from '@iamfetch/core'
import { throwIfOver, type Call } from './call.ts'
import { networkError } from './network.ts'
import type { AuthorizedRequest, OutgoingRequest } from './outgoing.ts'

/** Sends. The last check of who is calling and the sending are one step: nothing can happen in between. */
export async function send(
  call: Call,
  { method, init: fields }: OutgoingRequest,
  authorized: AuthorizedRequest,
): Promise<{ response?: Response; failure?: unknown }> {
  const { authorization, sender, progress, signal } = call
  const { fetch = globalThis.fetch } = sender.options
  const init: RequestInit = {
    ...fields,
    headers: authorized.headers,
    signal: signal ?? null,
    // A redirect that is followed would carry the signature to another address.
    redirect: 'manual',
  }
  throwIfOver(call)
  authorization.check(authorized)
  call.isInFlight = true
  progress.requestsSent++
  let response: Response
  try {
    response = await fetch(authorized.url, init)
  } catch (error) {
    // Throws if the platform does not take the request itself, for example the method TRACE: that is not a failure of the network.
    void new Request(authorized.url, init)
    return { failure: networkError(error, `${method} ${progress.url}`, authorized.url) }
  } finally {
    call.isInFlight = false
  }
  if (isResponse(response)) return { response }
  throw invalidOption(sender.name, '"fetch" must return a Response', response)
}

/** A response of another realm or of a polyfill is not an instance of this realm's `Response`. */
const isResponse = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'status' in value && 'headers' in value
