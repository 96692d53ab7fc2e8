// Runs the caller and the policies over public files, which are not part of this repository. IAMFETCH_EVENTS and
// IAMFETCH_POLICIES name folders of JSON files: events of Lambda functions, anywhere in the files, and policy documents.
import { runEvents } from './events.ts'
import { runPolicies } from './policies.ts'
import { readJsonFiles } from './read-json-files.ts'

const suites = { IAMFETCH_EVENTS: runEvents, IAMFETCH_POLICIES: runPolicies }

for (const [variable, run] of Object.entries(suites)) {
  const folder = process.env[variable]
  if (folder === undefined) {
    console.log(`NOT RUN: ${variable} names no folder of JSON files`)
    continue
  }
  const { counts, faults } = await run(readJsonFiles(folder))
  console.log(`${variable}: ${JSON.stringify(counts)}`)
  for (const fault of faults.slice(0, 40)) console.log(`FAIL ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
