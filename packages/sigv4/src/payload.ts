import { IamFetchError, invalidOption } from '@iamfetch/core'

/**
 * What a signature says about the body.
 *
 * - `signed`: its hash is part of the signature.
 * - `header`: the hash is also sent as `x-amz-content-sha256`, for CloudFront with origin access control in front of a function
 *   URL. A page needs that header in the `Access-Control-Allow-Headers` of the API.
 * - `unsigned`: `UNSIGNED-PAYLOAD` is sent in its place, for VPC Lattice alone, which does not take anything else.
 *
 * @see [AWS: origin access control for function URLs](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html)
 * @see [AWS: SigV4 requests for VPC Lattice](https://docs.aws.amazon.com/vpc-lattice/latest/ug/sigv4-authenticated-requests.html)
 */
export type Payload = 'signed' | 'header' | 'unsigned'

/** What is signed and sent as `x-amz-content-sha256` instead of the hash of a body. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

/**
 * Decides what the signature for a service says about the body.
 *
 * @param owner  The function that was given the option, for messages.
 * @throws `TypeError` with the code `INVALID_OPTION` for a value that the service does not accept.
 */
export function payloadFor(owner: string, payload: Payload | undefined, service: string): Payload {
  const accepted: readonly Payload[] =
    service === 'vpc-lattice-svcs' ? ['unsigned'] : ['signed', 'header']
  const chosen = payload ?? accepted[0]!
  if (accepted.includes(chosen)) return chosen
  const values = accepted.map((value) => `"${value}"`).join(' or ')
  throw invalidOption(owner, `"payload" must be ${values} for the service "${service}"`, payload)
}

/** @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for a service that needs a header with each request, which a link cannot have. */
export function checkPresignPayload(payload: Payload): void {
  if (payload !== 'unsigned') return
  throw new IamFetchError('URL_NOT_SIGNABLE', 'VPC Lattice does not accept presigned URLs.', {
    remedy: 'Sign each request with "sign" or createIamFetch instead.',
  })
}
