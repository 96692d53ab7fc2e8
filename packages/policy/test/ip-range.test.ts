import { BlockList, isIP } from 'node:net'
import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  oneof,
  property,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInRange, isRange } from '../src/ip-range.ts'

describe('an address and a range', () => {
  it.each([
    ['::/0', '203.0.113.5', false],
    ['::/1', '203.0.113.5', false],
    ['::ffff:0:0/96', '203.0.113.5', false],
    ['0.0.0.0/0', '::ffff:203.0.113.5', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['0.0.0.0/0', '203.0.113.5', true],
    ['::ffff:203.0.113.0/120', '::ffff:203.0.113.5', true],
    ['2001:DB8::/33', '2001:db8:8000::1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
  ])(
    'an address and a range of different families never match: %s and %s',
    (range, address, expected) => {
      expect(isInRange(range, address)).toBe(expected)
    },
  )

  it.each([
    '',
    '/8',
    '10.0.0/8',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1/33',
    '10.0.0.1/-1',
    '10.0.0.1/8/8',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    ':1',
    ':',
    '12345::',
    'fe80::1%eth0',
    '::/129',
    '::1.2.3',
    '1.2.3.4::',
  ])('cannot be read: %j', (text) => {
    expect(isRange(text)).toBe(false)
  })

  const octet = integer({ min: 0, max: 255 })
  const ipv4 = tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
  const group = oneof(
    constant('0'),
    integer({ min: 0, max: 0xffff }).map((n) => n.toString(16)),
  )
  const ipv6 = array(group, { minLength: 8, maxLength: 8 })
    .chain((groups) =>
      tuple(constant(groups), integer({ min: 0, max: 7 }), integer({ min: 1, max: 8 })),
    )
    .map(([groups, from, length]) => {
      const zeros = groups.slice(from, from + length)
      if (zeros.some((one) => one !== '0')) return groups.join(':')
      return `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`
    })

  it('match as in the BlockList of Node if they are of one family', () => {
    const check = (family: 'ipv4' | 'ipv6', base: string, address: string, bits: number): void => {
      const list = new BlockList()
      list.addSubnet(base, bits, family)
      expect(isInRange(`${base}/${bits}`, address)).toBe(list.check(address, family))
    }
    const bits4 = integer({ min: 0, max: 32 })
    const bits6 = integer({ min: 0, max: 128 })
    assert(property(ipv4, ipv4, bits4, (a, b, bits) => check('ipv4', a, b, bits)))
    assert(property(ipv6, ipv6, bits6, (a, b, bits) => check('ipv6', a, b, bits)))
    assert(property(ipv6, bits6, (a, bits) => check('ipv6', a, a, bits)))
  })

  it('are read as Node reads addresses', () => {
    const text = oneof(
      ipv4,
      ipv6,
      string({ unit: constantFrom(...'0123456789abf:.'.split('')), maxLength: 24 }),
    )
    assert(
      property(text, (one) => {
        expect(isRange(one)).toBe(isIP(one) !== 0)
      }),
      { numRuns: 2_000 },
    )
  })
})
