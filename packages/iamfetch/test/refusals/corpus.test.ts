import { expect, test } from 'vitest'
import { explain } from '../../src/explain.ts'
import { describeRefusal } from '../../src/index.ts'
import { DOCUMENTED } from './documented.ts'
import { GATEWAYS } from './gateways.ts'
import { IDENTITY } from './identity.ts'
import type { RefusalRow } from './row.ts'
import { SERVICES } from './services.ts'

const ROWS: readonly RefusalRow[] = [...GATEWAYS, ...IDENTITY, ...SERVICES, ...DOCUMENTED]

const responseOf = ({ body, headers, status, url }: RefusalRow): Response => {
  const response = new Response(body, { status, ...(headers && { headers }) })
  return url === undefined ? response : Object.defineProperty(response, 'url', { value: url })
}

test.each(
  ROWS.map((row, index) => ({ ...row, name: `${index + 1}, ${row.service}, ${row.code}` })),
)('the published refusal $name is explained right ($source)', async (row) => {
  const found = await explain(responseOf(row))
  expect(found).toMatchObject({ code: row.code, responsible: row.responsible })
  const advice = found.remedy.join('\n')
  expect(advice).toMatch(row.remedy)
  expect(advice).not.toMatch(row.never ?? NOWHERE)
  for (const sentence of [found.message, ...found.remedy]) expect(sentence).toMatch(/^[A-Z].*\.$/s)
})

/** In no advice. */
const NOWHERE = /undefined|\[object|\$\{/

test.each(ROWS.filter(({ status }) => [400, 401, 403].includes(status)))(
  'describeRefusal says of the published refusal of $service what explain says: $code ($source)',
  async (row) => {
    expect(await describeRefusal(responseOf(row))).toMatchObject({ code: row.code })
  },
)

test('the published refusals are at least 120, of at least 15 services and layers, each with its source', () => {
  const countBy = (nameOf: (row: RefusalRow) => string): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const row of ROWS) counts[nameOf(row)] = (counts[nameOf(row)] ?? 0) + 1
    return counts
  }
  const codes = countBy(({ code }) => code)
  const services = countBy(({ service }) => service)
  console.log(`${ROWS.length} published refusals\n`, codes, '\n', services)
  expect(ROWS.length).toBeGreaterThanOrEqual(120)
  expect(Object.keys(services).length).toBeGreaterThanOrEqual(15)
  for (const { source } of ROWS) expect(new URL(source).protocol).toBe('https:')
})
