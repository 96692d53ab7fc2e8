// `npm run check:ministack`: deploys all stacks to an emulator of AWS that enforces signatures and IAM, and calls them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import access from '../../group-access/access.ts'
import { groupCalls, portalCalls, type Call } from './calls.ts'
import { deploy } from './deploy.ts'
import { install, start } from './emulator.ts'
import { limits } from './limits.ts'
import { machineCalls } from './machine-calls.ts'

const region = access.region
const missing = install()
if (missing === undefined) process.exitCode = await main()
else {
  console.error(`Nothing was deployed to ministack: ${missing}`)
  process.exitCode = 1
}

/** @returns The exit code. */
async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ministack-'))
  const emulator = await start(join(folder, 'emulator'), region)
  try {
    console.log(`ministack: ${emulator.url}, signatures and IAM enforced.`)
    const { outputs, leftOut } = deploy(folder, emulator, region)
    console.log(
      `Deployed: ${Object.keys(outputs).join(', ')}.\nLeft out:\n  ${leftOut.join('\n  ')}`,
    )
    const deployment = { outputs, url: emulator.url, region }
    let wrong = 0
    for (const [title, calls] of [
      ['Groups', await groupCalls(deployment)],
      ['Machines', await machineCalls(deployment)],
      ['Portal', await portalCalls(deployment)],
      ['What the emulator cannot do', await limits(deployment)],
    ] as const) {
      console.log(`\n${title}`)
      for (const call of calls) console.log(lineOf(call))
      wrong += calls.filter(isWrong).length
    }
    console.log(wrong === 0 ? '\nAll as expected.' : `\n${wrong} are not as expected.`)
    return wrong === 0 ? 0 : 1
  } finally {
    await emulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function isWrong({ expected, seen }: Call): boolean {
  return expected !== seen
}

function lineOf(call: Call): string {
  const { what, expected, seen } = call
  return isWrong(call)
    ? `  WRONG ${what}: ${seen}, expected ${expected}`
    : `  ok    ${what}: ${seen}`
}
