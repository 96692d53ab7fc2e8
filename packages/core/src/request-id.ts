/**
 * Reads AWS's request ID from a response, for a support case.
 *
 * @returns `undefined` if there is none, and for anything but the two known forms: a hostile server could put a token there.
 */
export function requestIdIn(headers: Headers): string | undefined {
  const ofService = headers.get('x-amzn-requestid') ?? ''
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(ofService)) return ofService
  // HTTP APIs: `JKJaXmPLvHcESHA=`.
  const ofHttpApi = headers.get('apigw-requestid') ?? ''
  return /^[\w-]{15}=$/.test(ofHttpApi) ? ofHttpApi : undefined
}
