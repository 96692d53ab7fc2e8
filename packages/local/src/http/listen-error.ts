/** Where a server was to listen, and Node's error. */
export interface FailedListen {
  readonly port: number
  readonly host: string
  readonly cause: unknown
}

/** A server that could not start, in the words of the person who chose its port or address. */
export class ListenError extends Error {}

/** Creates the error of a server that could not start. */
export function listenError({ port, host, cause }: FailedListen): ListenError {
  const code = codeOf(cause)
  switch (code) {
    case 'EADDRINUSE':
      return new ListenError(
        `Port ${port} of ${host} is in use. End the program that listens there, or choose another port.`,
        { cause },
      )
    case 'EADDRNOTAVAIL':
      return new ListenError(
        `This machine does not have the address ${host}. Listen at one that it has, or at 0.0.0.0 for all of them.`,
        { cause },
      )
    case 'EACCES':
      return new ListenError(
        `The system does not let this user listen at port ${port} of ${host}. Choose a port from 1024 on.`,
        { cause },
      )
    default:
      return new ListenError(
        `The local stack cannot listen at port ${port} of ${host} (${code}). Choose another port.`,
        { cause },
      )
  }
}

function codeOf(cause: unknown): string {
  const hasCode = cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
  return hasCode ? String(cause.code) : 'no code'
}
