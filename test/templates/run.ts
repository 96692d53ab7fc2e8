// Reads public templates of CloudFormation and SAM, which are not part of this repository. The folder with them is in
// IAMFETCH_TEMPLATES; each is at OWNER/NAME/PATH, as `git clone` of the commit in public.json leaves it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stackFromTemplate } from '@iamfetch/local'
import { compareWithSam } from './compare-with-sam.ts'
import { RUNS } from './end-to-end.ts'
import type { Row } from './row.ts'

/** One template of the list. */
interface PublicTemplate {
  repo: string
  commit: string
  path: string
  /** What the error has to name, if the template cannot be run as it is. */
  refused?: string
}

const list: PublicTemplate[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'public.json'), 'utf8'),
)
const folder = process.env['IAMFETCH_TEMPLATES']

if (folder === undefined) {
  console.log(`NOT RUN: IAMFETCH_TEMPLATES names no folder with these templates:`)
  for (const { repo, commit, path } of list) console.log(`  ${repo}/${path} of ${commit}`)
} else {
  const rows = [
    ...list.map((one) => readOne(folder, one)),
    ...(await Promise.all(RUNS.map((run) => run(folder)))),
    ...compareWithSam(join(folder, 'aws/serverless-application-model/tests/translator')),
  ]
  for (const { ok, text } of rows) console.log(`${markOf(ok)} ${text}`)
  if (rows.some(({ ok }) => ok === false)) process.exitCode = 1
}

/** Loads one template, or sees that the error names what is missing. */
function readOne(root: string, { repo, path, refused }: PublicTemplate): Row {
  const name = `${repo}/${path}`
  if (!existsSync(join(root, name))) return { ok: undefined, text: `${name} is not in the folder` }
  try {
    const { definition, leftOut } = stackFromTemplate(join(root, name))
    const routes = Object.values(definition.apis ?? {}).flatMap((api) => Object.keys(api.routes))
    const text = `${name} loads: ${routes.length} routes; left out: ${leftOut.length}`
    return { ok: refused === undefined, text }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isNamed = refused !== undefined && message.includes(refused)
    return { ok: isNamed, text: `${name} ${isNamed ? 'says' : 'fails with'}: ${lastLine(message)}` }
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
}

function markOf(ok: boolean | undefined): string {
  if (ok === undefined) return '----'
  return ok ? 'ok  ' : 'FAIL'
}
