import { invalidOption } from '@iamfetch/core'

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

/**
 * Decides what the signature for a service says about the body.
 *
 * @param owner  The function that was given the option, for messages.
 * @throws `TypeError` with the code `INVALID_OPTION` for a value that the service does not accept.
 */
export function payloadFor(owner: string, payload: Payload | undefined, service: string): Payload {
  const accepted: Payload[] = service === 'vpc-lattice-svcs' ? ['unsigned'] : ['signed', 'header']
  const chosen = payload ?? accepted[0]!
  if (accepted.includes(chosen)) return chosen
  throw invalidOption(
    owner,
    `"payload" must be "${accepted.join('" or "')}" for ${service}`,
    payload,
  )
}
