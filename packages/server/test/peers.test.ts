import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('our middleware fits the types of middy and Powertools, and wrong options do not compile', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'packages/server/tsconfig.peers.json']
  const { stdout, status } = spawnSync(process.execPath, tsc, { cwd: root, encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
}, 60_000)
