import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCredentials, type Emulator } from './emulator.ts'
import { adaptTemplates } from './templates.ts'

const infra = join(import.meta.dirname, '..')
const TIMEOUT_MS = 180_000

/** The outputs of each stack. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Synthesizes all stacks and deploys them with the CDK's own command.
 *
 * @param folder  For the assembly and the outputs.
 * @throws Error if a command fails, with its output.
 */
export function deploy(
  folder: string,
  emulator: Emulator,
  region: string,
): { outputs: Outputs; leftOut: string[] } {
  const assembly = join(folder, 'cdk.out')
  cdk(['synth', '--quiet', '--output', assembly])
  const adapted = join(folder, 'adapted')
  cpSync(assembly, adapted, { recursive: true })
  const leftOut = adaptTemplates(adapted, emulator.plainUrl)
  const env = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_CA_BUNDLE: emulator.certificate,
    NODE_EXTRA_CA_CERTS: emulator.certificate,
    AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
    AWS_REGION: region,
  }
  cdk(['bootstrap', `aws://000000000000/${region}`, '--app', adapted], env)
  const outputsFile = join(folder, 'outputs.json')
  cdk(
    [
      'deploy',
      '--all',
      '--app',
      adapted,
      '--require-approval',
      'never',
      '--outputs-file',
      outputsFile,
    ],
    env,
  )
  return { outputs: JSON.parse(readFileSync(outputsFile, 'utf8')), leftOut }
}

/** Nothing of the environment that names an account, credentials or a profile reaches the command. */
function cdk(args: string[], env: Record<string, string> = {}): void {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  const { status, stdout, stderr } = spawnSync(join(infra, 'node_modules/.bin/cdk'), args, {
    cwd: infra,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: {
      ...Object.fromEntries(inherited),
      AWS_EC2_METADATA_DISABLED: 'true',
      CI: 'true',
      ...env,
    },
  })
  if (status === 0) return
  throw new Error(
    `cdk ${args.join(' ')} ended with ${status}.\n${`${stdout}\n${stderr}`.slice(-6_000)}`,
  )
}
