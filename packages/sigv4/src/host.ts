/**
 * Reads the region out of an AWS host name: `*.amazonaws.com`, `.com.cn` and `.eu` (China, the European Sovereign
 * Cloud), VPC endpoints, `*.api.aws` and `*.on.aws` (Lambda's function URLs, VPC Lattice).
 *
 * @param host  In lower case, with its port or without.
 * @returns `undefined` for every other host, a custom domain say: a region is never guessed.
 */
export const regionOf = (host: string): string | undefined => AWS_HOST.exec(host)?.[1]

// Between region and domain stand `vpce` (private APIs) and the names of the OpenSearch services only:
// `us-east-1.s3.amazonaws.com` may be a bucket of that name.
const AWS_HOST =
  /\.([a-z]+(-[a-z]+)+-\d)\.(((vpce|es|aoss)\.)?amazonaws\.(com(\.cn)?|eu)|(api|on)\.aws)(:\d+)?$/
