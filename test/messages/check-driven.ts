// Writes driven.txt: every message and remedy of the packages as people see it, each with an example that a test produced.
// Fails if a message has no example, if an example reads badly, or if the file has changed without --write.
import { readFileSync, writeFileSync } from 'node:fs'
import { DRIVEN, drivenMessages, placeOf } from './driven-messages.ts'
import { drivenText, examplesIn } from './driven-text.ts'
import { NOT_PRODUCED } from './not-produced.ts'
import { faultsOf } from './readable.ts'
import { readRecords } from './records.ts'

const records = readRecords()
if (records.errors.length === 0) throw new Error('There are no records. Run: npm run test:messages')
const messages = drivenMessages(records)
const before = readFileSync(DRIVEN, 'utf8')
const text = drivenText(messages, examplesIn(before))
const problems: string[] = []

const places = new Set(messages.map(placeOf))
for (const message of messages) {
  const place = placeOf(message)
  const isListed = NOT_PRODUCED.some(({ where }) => where === place)
  if (message.examples.length === 0 && !isListed) problems.push(`No test produces  ${place}`)
  if (message.examples.length > 0 && isListed)
    problems.push(`Remove from not-produced.ts, a test produces it:  ${place}`)
}
for (const { where } of NOT_PRODUCED) {
  if (!places.has(where)) problems.push(`Remove from not-produced.ts, no source has it:  ${where}`)
}
problems.push(...faultsOf(records))

if (process.argv.includes('--write')) writeFileSync(DRIVEN, text)
else if (text !== before) {
  problems.push(
    'test/messages/driven.txt is not what the tests produced. Run: npm run test:messages -- --write',
  )
}
for (const problem of problems) console.error(problem)
console.log(
  `${messages.length} messages and remedies, ${records.errors.length} different errors, ${problems.length} problems.`,
)
process.exitCode = problems.length > 0 ? 1 : 0
