import { startLocalStack } from '@iamfetch/local'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import groupAccess from '../../group-access/access.ts'
import { awsTarget } from '../conformance/aws-target.ts'
import { withLocalTarget } from '../conformance/local-target.ts'
import { observed, openRows, rows } from '../conformance/rows.ts'
import { settled, supported } from '../conformance/settled.ts'

const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const missing = join(folder, 'missing.json')

test('every automatic row gets a result, and no result contains a token or a secret', async () => {
  // One row is about a handler that throws, which the local stack logs.
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  await withLocalTarget(async (target) => {
    const seen = await observed(target)
    const asking = rows.filter(({ observe }) => observe).map(({ id }) => id)
    expect(Object.keys(seen)).toEqual(asking)
    const text = JSON.stringify(seen)
    expect(text).not.toContain('no answer')
    const { user, machine } = target
    const { secretAccessKey, sessionToken } = user!.credentials
    for (const secret of [user!.idToken, secretAccessKey, sessionToken!, machine!.clientSecret]) {
      expect(text).not.toContain(secret)
    }
  })
  expect(logged.mock.calls.join(' ')).toContain('this is not JSON')
  expect(logged).toHaveBeenCalledOnce()
  logged.mockRestore()
})

test('a settled question names its row and its source, and is not counted as open', () => {
  const ids = rows.map(({ id }) => id)
  for (const [id, source] of Object.entries(settled)) {
    expect(ids).toContain(id)
    expect(source).toMatch(/^(recorded|documented), /)
  }
  expect(openRows).toHaveLength(rows.length - Object.keys(settled).length)
})

test('a question that is only supported names an open row', () => {
  const open = openRows.map(({ id }) => id)
  expect(Object.keys(supported).filter((id) => !open.includes(id))).toEqual([])
})

test('each row has a unique name, and either checks by itself or says that a person has to check', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  for (const { id, needs, observe } of rows) {
    expect([id, observe === undefined]).toEqual([id, needs === 'a hand'])
  }
})

test('without a deployment, --aws lists every row, says that nothing was checked, and exits with 0', () => {
  const run = join(import.meta.dirname, '../conformance/run.ts')
  const args = ['--conditions=@iamfetch/source', run, '--aws', '--outputs', missing]
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status).toBe(0)
  for (const { id } of rows) expect(stdout).toContain(`${id}\n`)
  expect(stdout).toContain('No check ran on AWS.')
  expect(stdout).not.toMatch(/^ {2}AWS {4}\d/m)
})

test('without a user and a machine, only the rows that need neither are checked', async () => {
  const stack = await startLocalStack(groupAccess)
  try {
    const { region, identityPoolId, userPoolId, apis } = stack.config
    const { url } = apis['test']!
    const outputs = join(folder, 'outputs.json')
    const page = { region, identityPoolId, userPoolId, testUrl: url }
    const PremiumProvider = { providerUrl: url, tokenUrl: `${url}/oauth2/token` }
    writeFileSync(outputs, JSON.stringify({ GroupAccess: page, PremiumProvider }))
    const target = await awsTarget(outputs, {})
    if ('missing' in target) throw new Error(target.missing)
    const free = rows.filter(({ needs }) => needs === 'nothing').map(({ id }) => id)
    expect(Object.keys(await observed(target))).toEqual(free)

    writeFileSync(outputs, JSON.stringify({ GroupAccess: page }))
    await expect(awsTarget(outputs, {})).rejects.toThrow(/has no providerUrl/)
  } finally {
    await stack.stop()
  }
})
