/** What the local stack can be made to do. */
export interface LocalControls {
  /** The names of operations and routes that can be made to fail. */
  readonly operations: () => Promise<readonly string[]>
  /** Ends a session as if its time were over. @param accessKeyId The access key ID of its credentials. */
  readonly expireSession: (accessKeyId: string) => Promise<void>
  /** Moves the clock of the local stack, in milliseconds. */
  readonly shiftClock: (ms: number) => Promise<void>
  /** Makes the next call of an operation or route fail. */
  readonly failNext: (operation: string, fault: LocalFault) => Promise<void>
}

/** What goes wrong with a call. @see `FaultKind` of `@iamfetch/local` */
export type LocalFault = 'throttle' | 'fail' | 'slow' | 'drop' | 'garbage'

/** Sends orders to the dev server that runs the local stack. */
export function localControls(url: string): LocalControls {
  const order = async (body: object): Promise<void> => {
    await send({ method: 'POST', body: JSON.stringify(body) })
  }
  const send = async (init: RequestInit): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const response = await globalThis.fetch(url, { ...init, headers })
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    if (!response.ok || !isJson) {
      throw new Error(
        `The local stack cannot be controlled at ${url}: the dev server answered with ${response.status}. Run the Vite plugin of @iamfetch/local.`,
      )
    }
    return response.json()
  }
  return {
    async operations() {
      const answer = await send({})
      const isList = typeof answer === 'object' && answer !== null && 'operations' in answer
      const { operations = [] } = isList ? (answer as { operations?: readonly string[] }) : {}
      return operations
    },
    expireSession: (accessKeyId) => order({ action: 'expire-session', accessKeyId }),
    shiftClock: (ms) => order({ action: 'shift-clock', ms }),
    failNext: (operation, fault) => order({ action: 'next', operation, fault }),
  }
}
