/** An address as its bytes: 4 for IPv4, 16 for IPv6. */
type Address = readonly number[]

/** A CIDR range. */
interface IpRange {
  address: Address
  /** How many of the first bits count. */
  bits: number
}

/**
 * Whether an address is in a range. IPv4 and IPv6 are two families: no IPv4 address is in an IPv6 range, `::/0` included.
 *
 * @param range    An address or a CIDR range.
 * @param address  The address of the request. One that cannot be read is in no range.
 * @see [AWS: IP address condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress),
 *   which requires both families to be listed
 */
export function isInRange(range: string, address: string): boolean {
  const [expected, actual] = [readRange(range), readAddress(address)]
  if (!expected || !actual || expected.address.length !== actual.length) return false
  return expected.address.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, expected.bits - i * 8))
    const mask = (0xff << (8 - bits)) & 0xff
    return (byte & mask) === ((actual[i] ?? 0) & mask)
  })
}

/** Whether a text is an address or a CIDR range. */
export const isRange = (text: string): boolean => readRange(text) !== undefined

function readRange(text: string): IpRange | undefined {
  const [before = '', length, ...more] = text.split('/')
  const address = readAddress(before)
  if (!address || more.length > 0) return undefined
  const longest = address.length * 8
  if (length === undefined) return { address, bits: longest }
  if (!/^\d{1,3}$/.test(length) || Number(length) > longest) return undefined
  return { address, bits: Number(length) }
}

const readAddress = (text: string): Address | undefined =>
  text.includes(':') ? readIpv6(text) : readIpv4(text)

function readIpv4(text: string): Address | undefined {
  const parts = text.split('.')
  const isByte = (part: string): boolean => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255
  return parts.length === 4 && parts.every(isByte) ? parts.map(Number) : undefined
}

/** @see [RFC 4291 §2.2](https://www.rfc-editor.org/rfc/rfc4291#section-2.2) */
function readIpv6(text: string): Address | undefined {
  const [before = '', after, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const head = readGroups(before, after === undefined)
  if (after === undefined) return head?.length === 16 ? head : undefined
  const tail = readGroups(after, true)
  if (!head || !tail || head.length + tail.length > 14) return undefined
  const zeros = Array.from({ length: 16 - head.length - tail.length }, () => 0)
  return [...head, ...zeros, ...tail]
}

/** @param ends  Whether the address ends here, where the last two groups may be written as IPv4. */
function readGroups(text: string, ends: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [i, group] of groups.entries()) {
    if (ends && i === groups.length - 1 && group.includes('.')) {
      const last = readIpv4(group)
      return last && [...bytes, ...last]
    }
    if (!/^[\da-f]{1,4}$/i.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    bytes.push(value >> 8, value & 0xff)
  }
  return bytes
}
