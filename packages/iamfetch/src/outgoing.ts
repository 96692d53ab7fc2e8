/** What a caller asked for, read once. It is signed and sent any number of times. */
export interface OutgoingRequest {
  /** Of an allowed origin. */
  readonly url: string
  /** In capitals. */
  readonly method: string
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | Uint8Array<ArrayBuffer> | null | undefined
  /** The caller wants to see redirects. */
  readonly isManual: boolean
  /** What else `fetch` takes: `credentials`, `cache`, `keepalive`, … */
  readonly others: RequestInit
}

/** A request that is about to be sent. */
export interface AuthorizedRequest {
  readonly url: string
  readonly headers: [name: string, value: string][]
}

/** The value of a header, by its name in lower case. */
export const headerOf = ({ headers }: AuthorizedRequest, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1]

/** Headers with one that replaces every other of its name. */
export function withHeader(
  headers: OutgoingRequest['headers'],
  name: string,
  value: string,
): [name: string, value: string][] {
  const others = headers.filter(([key]) => key !== name)
  return [...others.map(([key, text]): [string, string] => [key, text]), [name, value]]
}
