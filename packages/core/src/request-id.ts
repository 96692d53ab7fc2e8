/**
 * Reads AWS's request ID from the headers of a response, for a support case.
 *
 * Only an ID in one of the known forms is taken: a server that echoes a token or a secret in this header must not get it into
 * a log.
 *
 * @returns `undefined` if there is none.
 */
export function requestIdOf(headers: Headers): string | undefined {
  for (const { header, form } of REQUEST_IDS) {
    const value = headers.get(header)
    if (value !== null && form.test(value)) return value
  }
  return undefined
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** In the order in which they are looked for: the service's own ID first. */
const REQUEST_IDS: readonly { header: string; form: RegExp }[] = [
  { header: 'x-amzn-requestid', form: UUID },
  { header: 'x-amz-request-id', form: UUID },
  // HTTP APIs: `JKJaXmPLvHcESHA=`.
  { header: 'apigw-requestid', form: /^[\w-]{15}=$/ },
  // CloudFront's, which is 56 characters of base64 with padding.
  { header: 'x-amz-cf-id', form: /^[\w-]{54}==$/ },
]
