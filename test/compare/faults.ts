// The cases of the fault suite that apply to other clients, side by side: `npm run compare:faults`.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cases } from './cases.ts'

const NAMES = { iamfetch: 'iamfetch', amplify: 'Amplify v6', sdk: 'AWS SDK v3' }
const LONGEST_MS = 90_000

/** One case of one client, in a process of its own: some clients keep their state in modules. */
async function runOne(client: string, index: number): Promise<void> {
  const { startWorld } = await import('./world.ts')
  const world = await startWorld()
  const { clients } = await import('./clients.ts')
  const answer = await cases[index]!.run(clients[client]!(world), world)
  const unsigned = world.unsigned() > 0 ? `, ${world.unsigned()} unsigned` : ''
  console.log(`RESULT ${answer} · ${world.calls()}${unsigned}`)
  process.exit(0)
}

async function measured(client: string, index: number): Promise<string> {
  const self = fileURLToPath(import.meta.url)
  const flags = ['--conditions=@iamfetch/source', '--no-warnings', self, client, String(index)]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: LONGEST_MS })
    return /^RESULT (.*)$/m.exec(stdout)?.[1] ?? 'no result'
  } catch (error) {
    return Object(error).killed
      ? `no answer in ${LONGEST_MS / 1_000} s`
      : `failed: ${String(error).slice(0, 200)}`
  }
}

const [client, index] = process.argv.slice(2)
if (client) {
  await runOne(client, Number(index))
} else {
  console.log(`| case | wanted | ${Object.values(NAMES).join(' | ')} |`)
  console.log(
    `| --- | --- | ${Object.keys(NAMES)
      .map(() => '---')
      .join(' | ')} |`,
  )
  for (const [at, { name, wanted }] of cases.entries()) {
    const cells: string[] = []
    for (const one of Object.keys(NAMES)) cells.push(await measured(one, at))
    console.log(`| ${name} | ${wanted} | ${cells.join(' | ')} |`)
  }
}
