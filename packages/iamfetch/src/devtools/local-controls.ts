import { jsonObject } from '@iamfetch/core'

/** What the local stack can be made to do. */
export interface LocalControls {
  /** The names of operations and routes that can be made to fail. */
  readonly operations: () => Promise<readonly string[]>
  /** Ends a session as if it had expired. @param accessKeyId The access key ID of its credentials. */
  readonly expireSession: (accessKeyId: string) => Promise<void>
  /** Moves the clock of the local stack, in milliseconds. */
  readonly shiftClock: (ms: number) => Promise<void>
  /** Causes the next call of an operation or route to fail. */
  readonly failNext: (operation: string, fault: LocalFault) => Promise<void>
}

/** What goes wrong with a call. @see `FaultKind` of `@iamfetch/local` */
export type LocalFault = 'throttle' | 'fail' | 'slow' | 'drop' | 'garbage'

/** Sends orders to the dev server that runs the local stack. */
export function localControls(url: string): LocalControls {
  const order = async (body: object): Promise<void> => {
    await send({ method: 'POST', body: JSON.stringify(body) })
  }
  const send = async (init: RequestInit): Promise<ReturnType<typeof jsonObject>> => {
    const headers = { 'content-type': 'application/json' }
    const response = await globalThis.fetch(url, { ...init, headers })
    const answer = jsonObject(await response.text())
    if (!response.ok || !answer) {
      throw new Error(
        `The local stack cannot be controlled at ${url}: the dev server responded with ${response.status}. Run the Vite plugin of @iamfetch/local.`,
      )
    }
    return answer
  }
  return {
    async operations() {
      const operations = (await send({}))?.['operations']
      if (!Array.isArray(operations)) return []
      return operations.filter((name) => typeof name === 'string')
    },
    expireSession: (accessKeyId) => order({ action: 'expire-session', accessKeyId }),
    shiftClock: (ms) => order({ action: 'shift-clock', ms }),
    failNext: (operation, fault) => order({ action: 'next', operation, fault }),
  }
}
