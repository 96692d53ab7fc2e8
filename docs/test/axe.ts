import type { AxeResults } from 'axe-core'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * Looks at a page with axe.
 *
 * @returns The serious and critical findings, a line each: rule, place, what is wrong.
 */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(source)
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run(document)')
  if (passes.length === 0) throw new Error('axe has looked at nothing')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(
        ({ target, failureSummary = '' }) =>
          `${impact} ${id}: ${target.join(' ')}: ${failureSummary.replace(/\s+/g, ' ')}`,
      ),
    )
}
