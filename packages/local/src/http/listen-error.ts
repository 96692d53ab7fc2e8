/** Where a server was to listen, and Node's error. */
export interface FailedListen {
  readonly port: number
  readonly host: string
  readonly cause: unknown
}

/** A server could not start, in the words of the person who chose its port or address. */
export class ListenError extends Error {
  constructor({ port, host, cause }: FailedListen) {
    super(messageOf(codeOf(cause), port, host), { cause })
  }
}

function messageOf(code: string, port: number, host: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use. End the program that listens there, or choose another port.`
    case 'EADDRNOTAVAIL':
      return `This machine does not have the address ${host}. Listen at one that it has, or at 0.0.0.0 for all of them.`
    case 'EACCES':
      return `The system does not let this user listen at port ${port} of ${host}. Choose a port from 1024 on.`
    default:
      return `The local stack cannot listen at port ${port} of ${host} (${code}). Choose another port.`
  }
}

function codeOf(cause: unknown): string {
  const hasCode = cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
  return hasCode ? String(cause.code) : 'no code'
}
