import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withFixedWords } from './fixed-words.ts'
import { mistakes } from './mistakes.ts'

const made = await mistakes()
afterAll(() => made.stop())

test('the mistakes of people who tried iamfetch show texts that lead to the fix', async () => {
  const lines = [
    'What people see after the mistakes that new users made. The first line is the error as error.toString() shows it, without the',
    'address of the page, or what explain() says of the response, with the responsible side; then the remedies.',
    'Update with: npx vitest run --project node test/messages -u',
  ]
  for (const [mistake, shown] of Object.entries(made.rows)) {
    lines.push('', `## ${mistake}`, '', withFixedWords(await shown()))
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, 'mistakes.txt'),
  )
})
