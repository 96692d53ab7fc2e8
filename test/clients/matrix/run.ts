// `npm run test:clients [-- names]`: clients that are not ours, against one local stack. It prints the matrix and, if
// every client ran and passed, writes it into test/clients/README.md.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clients, type Client } from './clients.ts'
import { engines, type Engine, type EngineName } from './engines.ts'
import { failed, judge, readReport, type Outcome } from './outcome.ts'
import { prepareGrounds, type Setup } from './stack.ts'
import { faultTable, matrixTable, whyNotWritten, withTables, type Row } from './tables.ts'

/** No program takes this long unless it hangs. */
const LONGEST_MS = 180_000

const picked = process.argv.slice(2)
const chosen = clients.filter(
  ({ name, engine }) => picked.length === 0 || picked.includes(name) || picked.includes(engine),
)

/** An engine with what came of installing its clients. */
interface Prepared {
  engine: Engine
  broken?: string
}

async function prepare(name: EngineName): Promise<Prepared> {
  const engine = engines[name]()
  if (engine.missing !== undefined) return { engine }
  console.log(`Installing the clients for ${engine.version} ...`)
  try {
    await engine.install()
    return { engine }
  } catch (error) {
    console.log(String(error))
    return { engine, broken: 'The installation failed, see above.' }
  }
}

/** Runs the program of a client to its end. @returns What it printed, and how it ended if that is wrong. */
function runProgram(
  [path, args]: ReturnType<Engine['command']>,
  setupFile: string,
): Promise<{ printed: string; broken?: string }> {
  const options = {
    env: { ...process.env, CLIENTS_SETUP: setupFile, AWS_EC2_METADATA_DISABLED: 'true' },
    timeout: LONGEST_MS,
    maxBuffer: 20_000_000,
  }
  return new Promise((resolve) => {
    execFile(path, [...args], options, (error, stdout, stderr) => {
      const broken = error && `The program ended with ${error.code}: ${stderr.trim().slice(-1_500)}`
      resolve({ printed: stdout, ...(broken && { broken }) })
    })
  })
}

async function tryClient(
  client: Client,
  { engine, broken }: Prepared,
  { setup, setupFile }: { setup: Setup; setupFile: string },
): Promise<Outcome> {
  if (broken !== undefined) return failed(broken)
  const run = await runProgram(engine.command(client.program), setupFile)
  const outcome = judge(client, readReport(run.printed), setup.requests)
  const failures = run.broken === undefined ? [] : [run.broken]
  return { ...outcome, failures: [...outcome.failures, ...failures] }
}

function print({ client, outcome, skipped }: Row): void {
  if (!outcome) return console.log(`skip  ${client.name}: ${skipped}`)
  const { version, passed, expected, failures } = outcome
  const own = expected > 0 ? `, ${expected} refused because of the client` : ''
  console.log(
    `${failures.length > 0 ? 'FAIL' : 'ok  '}  ${client.name} ${version}: ${passed} passed${own}`,
  )
  for (const failure of failures) console.log(`      ${failure}`)
}

/** Starts the stack and runs each client against it. */
async function runAll(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'iamfetch-clients-'))
  const grounds = await prepareGrounds()
  try {
    const setupFile = join(folder, 'setup.json')
    // It has keys and passwords of the stack, which end with it.
    writeFileSync(setupFile, JSON.stringify(grounds.setup), { mode: 0o600 })
    const where = { setup: grounds.setup, setupFile }
    const prepared = new Map<EngineName, Prepared>()
    const rows: Row[] = []
    for (const client of chosen) {
      const known = prepared.get(client.engine) ?? (await prepare(client.engine))
      prepared.set(client.engine, known)
      const { version, missing } = known.engine
      const row: Row =
        missing === undefined
          ? { client, engine: version, outcome: await tryClient(client, known, where) }
          : { client, engine: version, skipped: missing }
      rows.push(row)
      print(row)
    }
    return rows
  } finally {
    await grounds.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const known = new Set(clients.flatMap(({ name, engine }) => [name, engine]))
const unknown = picked.filter((name) => !known.has(name))
if (unknown.length > 0) {
  console.error(
    `There is no client or language ${unknown.join(', ')}. There are ${[...known].join(', ')}.`,
  )
  process.exit(2)
}

const rows = await runAll()
console.log(`\n${matrixTable(rows)}\n\n${faultTable(rows)}\n`)
const failures = rows.filter(({ outcome }) => outcome && outcome.failures.length > 0)
const skipped = rows.filter((row) => row.skipped !== undefined)
const readme = new URL('../README.md', import.meta.url)
const obstacle = whyNotWritten(rows, clients)
if (obstacle === undefined) writeFileSync(readme, withTables(readFileSync(readme, 'utf8'), rows))
else console.log(`The tables of test/clients/README.md stay as they are: ${obstacle}.`)
console.log(
  `${rows.length - failures.length - skipped.length} passed, ${failures.length} failed, ${skipped.length} skipped`,
)
process.exitCode = failures.length > 0 ? 1 : 0
