import {
  gatewayMessage,
  type CallCredentials,
  type Credentials,
  type ServerClock,
} from '@iamfetch/core'
import type { Refused } from './authorization.ts'
import { clockCorrection } from './clock-correction.ts'
import type { CredentialCalls } from './provider.ts'
import { refusalText } from './refusal-text.ts'

/** Tries to remove the reason of a refusal. @returns What was corrected; `undefined` if another attempt would be refused, too. */
export type Recovery = (
  refused: Refused,
  call: CallCredentials,
  held: Credentials,
) => Promise<'token' | 'clock' | undefined>

/**
 * Creates what recovers from a refused clock and a refused session, with new credentials of the call's own user.
 *
 * @param issuerTellsTime  Whether new credentials correct the clock.
 */
export function recoveryOf(
  clock: ServerClock,
  { invalidate }: CredentialCalls,
  issuerTellsTime: boolean,
): Recovery {
  const correctClock = clockCorrection(clock)
  return async (refused, call, held) => {
    const { response, corrected } = refused
    const message = gatewayMessage(await refusalText(response)) ?? ''
    const replace = async (): Promise<Credentials> => {
      invalidate?.(held)
      return call.get({ readAgain: true })
    }
    if (!corrected.has('clock')) {
      const askIssuer = issuerTellsTime ? replace : undefined
      if (await correctClock(held, refused, message, askIssuer)) return 'clock'
    }
    const hasExpired = new Date(held.expiration ?? NaN).getTime() <= clock.now()
    const isSpent =
      isSessionRefused(response.headers, message) || (message === 'Forbidden' && hasExpired)
    if (!isSpent || corrected.has('token')) return undefined
    const next = await replace()
    return next.accessKeyId === held.accessKeyId ? undefined : 'token'
  }
}

/** The error type, or the words of a REST API, which sends another type or none with them. */
const isSessionRefused = (headers: Headers, message: string): boolean =>
  /^(ExpiredToken|UnrecognizedClient)/.test(headers.get('x-amzn-errortype') ?? '') ||
  /^The security token .*(expired|invalid)/.test(message)
