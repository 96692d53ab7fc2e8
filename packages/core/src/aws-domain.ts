/**
 * Names the domain that AWS's services have in a region: `amazonaws.com`, with `.cn` in China, `.eu` in the European
 * Sovereign Cloud.
 *
 * @see The partitions of the AWS SDK, `@smithy/util-endpoints` (`dnsSuffix`). The isolated partitions are not among them.
 */
export const awsDomain = (region: string): string =>
  region.startsWith('eusc')
    ? 'amazonaws.eu'
    : region.startsWith('cn')
      ? 'amazonaws.com.cn'
      : 'amazonaws.com'
