import { setTimeout as wait } from 'node:timers/promises'
import type { Fault, OrderedRefusal } from './fault-order.ts'
import type { Clock } from './faults.ts'

/** What a call needs for suffering a fault. */
export interface FaultyCall {
  clock: Clock
  /** Aborts when the client goes away. */
  signal: AbortSignal
  /** The client's connection: `drop` closes it. */
  socket?: { destroy(): unknown } | undefined
  /** How this service refuses above its quota. */
  throttled: () => Response
  /** How this service refuses with the ordered error. */
  refused: (refusal: OrderedRefusal) => Response
  /** How this service responds when it fails. */
  failed: () => Response
}

/**
 * Applies the fault that was ordered for a call.
 *
 * @returns The response to send instead of the real one, `undefined` to respond normally.
 */
export async function applyFault(
  fault: Fault | undefined,
  { clock, signal, socket, throttled, refused, failed }: FaultyCall,
): Promise<Response | undefined> {
  if (fault?.kind === 'throttle') return throttled()
  if (fault?.refusal) return refused(fault.refusal)
  if (fault?.kind === 'fail') return failed()
  if (fault?.kind === 'garbage') {
    const headers = { 'content-type': 'text/html', 'access-control-allow-origin': '*' }
    return new Response('<html>garbage', { headers })
  }
  if (fault?.kind === 'drop') {
    if (!socket)
      throw new TypeError('the fault "drop" needs a connection, and this call came without one')
    socket.destroy()
    return failed()
  }
  if (fault?.kind === 'slow') await untilAborted(signal, pause(clock, fault.delayMs, signal))
  if (fault?.kind === 'hang') await untilAborted(signal, fault.released)
  return undefined
}

const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  clock.sleep ? clock.sleep(ms, signal) : wait(ms, undefined, { signal })

/** Resolves when the wait ends, or when the client has disconnected and no longer reads the response. */
const untilAborted = (signal: AbortSignal, waiting: Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    waiting.then(resolve, () => resolve())
  })
