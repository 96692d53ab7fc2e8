// Checks the templates of all stacks with cfn-lint, which a Python environment of this folder gets the first time.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allStacks } from './src/all-stacks.ts'

const VERSION = '1.58.0'
const environment = join(import.meta.dirname, 'node_modules/.cache', `cfn-lint-${VERSION}`)
const cfnLint = join(environment, 'bin/cfn-lint')

const missing = install()
if (missing === undefined) process.exitCode = lint()
else console.log(`cfn-lint did NOT run: ${missing}`)

/** @returns Why it could not be installed. */
function install(): string | undefined {
  if (existsSync(cfnLint)) return undefined
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3 on PATH.'
  console.log(`Installing cfn-lint ${VERSION} (once) ...`)
  const pip = join(environment, 'bin/pip')
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', environment],
    [pip, 'install', '--quiet', '--disable-pip-version-check', `cfn-lint==${VERSION}`],
  ] as const) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status !== 0) return `${command} ${args.join(' ')} ended with ${status}. ${stderr ?? ''}`
  }
  return undefined
}

function lint(): number {
  const folder = mkdtempSync(join(tmpdir(), 'infra-lint-'))
  try {
    const site = join(folder, 'site')
    mkdirSync(site)
    writeFileSync(join(site, 'index.html'), '<!doctype html>')
    const outdir = join(folder, 'cdk.out')
    const context = { 'aws:cdk:bundling-stacks': [] }
    allStacks(site, { outdir, context, analyticsReporting: false }).synth()
    const templates = readdirSync(outdir).filter((name) => name.endsWith('.template.json'))
    // W3005: the CDK writes DependsOn also where a reference already says so.
    const args = ['--ignore-checks', 'W3005', '--regions', 'eu-central-1', '--', ...templates]
    const { status } = spawnSync(cfnLint, args, { cwd: outdir, stdio: 'inherit' })
    if (status === 0) console.log(`cfn-lint ${VERSION}: ${templates.length} templates are fine.`)
    return status ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
