import { IamFetchError } from '@iamfetch/core'

/** The header with the hash of the body. */
export const PAYLOAD_HEADER = 'x-amz-content-sha256'
/** The headers that a signature replaces. */
const REPLACED = ['host', 'authorization', 'x-amz-date', 'x-amz-security-token', PAYLOAD_HEADER]

type HeaderList = [name: string, value: string][]

/** Refuses a request to which a browser would not add the signature. */
export function checkMode({ mode }: RequestInit): void {
  if (mode !== 'no-cors') return
  throw headerError(
    'A request with the mode "no-cors" cannot be signed, because browsers remove its headers.',
    'Remove "mode", or set it to "cors".',
  )
}

/** Separates the headers that are signed from those that are only sent. */
export function sortHeaders(
  headers: readonly (readonly [name: string, value: string])[],
  alsoSigned: readonly string[],
): { unsigned: HeaderList; signed: HeaderList } {
  const unsigned: HeaderList = []
  const signed: HeaderList = []
  for (const [name, value] of headers) {
    if (name === 'authorization' && !value.startsWith('AWS4-')) {
      throw headerError(
        'The request already has an Authorization header, which the signature would replace.',
        'Remove the Authorization header.',
      )
    }
    if (REPLACED.includes(name)) continue
    if (!name.startsWith('x-amz-') && !alsoSigned.includes(name)) {
      unsigned.push([name, value])
      continue
    }
    checkSignedHeader(name, value)
    signed.push([name, value])
  }
  return { unsigned, signed }
}

/** @throws {@link IamFetchError} `HEADER_NOT_SIGNABLE` for a value that a signature cannot contain. */
export function checkSignedHeader(name: string, value: string): void {
  if (!/[^ -~]/.test(value)) return
  throw headerError(
    `The value of the header "${name}" has characters other than printable ASCII, which no two servers read alike.`,
    'Encode the value, for example with encodeURIComponent.',
  )
}

const headerError = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('HEADER_NOT_SIGNABLE', message, { remedy })
