// `npm run conformance [-- --aws [--outputs file]]`: what is unverified, and what the local stack and AWS answer.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { awsTarget } from './aws-target.ts'
import { withLocalTarget } from './local-target.ts'
import { observed, openRows, rows, type Observation } from './rows.ts'
import { settled, supported } from './settled.ts'

const infra = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: { aws: { type: 'boolean' }, outputs: { type: 'string' }, help: { type: 'boolean' } },
})
if (values.help) {
  console.log(`npm run conformance             what the local stack answers where AWS was never asked
npm run conformance -- --aws    the same from the deployed stacks, side by side
  --outputs <file>              what \`cdk deploy --outputs-file\` wrote (examples/infra/outputs.json)

Environment: IAMFETCH_ID_TOKEN of a user in FullAccess; IAMFETCH_CLIENT_ID, IAMFETCH_CLIENT_SECRET of globex.
They are not printed and not written to a file.`)
} else await main()

async function main(): Promise<void> {
  // A row makes a function throw; the local stack writes that to stderr, which is expected here.
  const { error } = console
  console.error = () => {}
  const local = await withLocalTarget(observed).finally(() => {
    console.error = error
  })
  const outputs = values.outputs ?? join(infra, 'outputs.json')
  const target = values.aws ? await awsTarget(outputs, process.env) : undefined
  const aws: Observation = target && !('missing' in target) ? await observed(target) : {}
  for (const { id, question, source, needs } of rows) {
    console.log(`${id}\n  ${question}  [${source}]`)
    if (settled[id] !== undefined) console.log(`  settled  ${settled[id]}`)
    if (supported[id] !== undefined) console.log(`  known    ${supported[id]}`)
    if (needs === 'a hand') console.log('  by hand')
    if (local[id] !== undefined) console.log(`  local  ${local[id]}`)
    if (aws[id] !== undefined)
      console.log(`  AWS    ${aws[id]}${aws[id] === local[id] ? '' : '   DIFFERS'}`)
    else if (values.aws && needs !== 'a hand') {
      console.log(`  AWS    not asked${needs === 'nothing' ? '' : `, needs a ${needs}`}`)
    }
  }
  const asked = Object.keys(aws).length
  const byHand = openRows.filter(({ needs }) => needs === 'a hand').length
  console.log(
    `\n${openRows.length} of ${rows.length} rows are open; ${byHand} of them have to be checked by hand.`,
  )
  if (target && 'missing' in target) {
    console.log(
      `${target.missing}\nNo check ran on AWS. Deploy with \`npm run deploy\` in examples/infra, then run this again.`,
    )
  }
  if (asked > 0) {
    const file = join(infra, 'conformance-seen.json')
    const different = Object.keys(aws).filter((id) => aws[id] !== local[id])
    writeFileSync(
      file,
      `${JSON.stringify({ at: new Date().toISOString(), local, aws, different }, null, 2)}\n`,
    )
    console.log(`${asked} were asked now, ${different.length} answers differ. Written to ${file}.`)
  }
}
