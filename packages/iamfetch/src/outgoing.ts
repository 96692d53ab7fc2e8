/** The request of a caller, read once. It is signed and sent any number of times. */
export interface OutgoingRequest {
  /** Of an allowed origin. */
  readonly url: string
  /** In capitals. */
  readonly method: string
  /** Names in lower case. */
  readonly headers: HeaderList
  readonly body: string | Uint8Array<ArrayBuffer> | null | undefined
  /** All fields for `fetch`, as they were read: `credentials`, `cache`, `keepalive`, … */
  readonly init: RequestInit
}

type HeaderList = [name: string, value: string][]

/** A request that is about to be sent. */
export interface AuthorizedRequest {
  readonly url: string
  readonly headers: HeaderList
}

/** The value of a header, by its name in lower case. */
export const headerOf = ({ headers }: AuthorizedRequest, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1]

/** Headers with one that replaces every other of its name. */
export const withHeader = (headers: HeaderList, name: string, value: string): HeaderList => [
  ...headers.filter(([key]) => key !== name),
  [name, value],
]
