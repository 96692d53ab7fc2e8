import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { findFiles } from '../../scripts/files.ts'

type ProgramFiles = (program: {
  name: string
  needed: string
  file: string
}) => [[string, string], [string, string]]
const script = new URL('../../scripts/program-files.mjs', import.meta.url)
const { programFiles }: { programFiles: ProgramFiles } = await import(script.href)

/** Runs what `bin` points at as a version of Node would. */
function runOn(
  version: string,
  needed: string,
): { required: string[]; said: string[]; exitCode?: number } {
  const [[, text]] = programFiles({ name: 'example', needed, file: 'cli/cli' })
  const process = { versions: { node: version }, exitCode: undefined as number | undefined }
  const required: string[] = []
  const said: string[] = []
  runInNewContext(text.replace(/^#!.*/, ''), {
    process,
    require: (name: string) => void required.push(name),
    console: { error: (line: string) => void said.push(line) },
  })
  return { required, said, ...(process.exitCode !== undefined && { exitCode: process.exitCode }) }
}

describe('what "bin" of a package points at', () => {
  it.each([
    ['20.0.0', '20'],
    ['24.21.0', '20'],
    ['100.0.0', '20'],
    ['22.18.0', '22.18'],
    ['22.23.3', '22.18'],
    ['23.0.0', '22.18'],
  ])('on Node %s starts a program that needs Node %s', (version, needed) => {
    expect(runOn(version, needed)).toEqual({ required: ['./cli-start.cjs'], said: [] })
  })

  it.each([
    ['0.12.18', '20'],
    ['8.17.0', '20'],
    ['19.9.0', '20'],
    ['20.20.2', '22.18'],
    ['22.9.0', '22.18'],
    ['22.17.1', '22.18'],
  ])('on Node %s says that Node %s is needed, and ends with 1', (version, needed) => {
    expect(runOn(version, needed)).toEqual({
      required: [],
      said: [
        `example needs Node ${needed} or later, and this is Node ${version}. Install a newer Node from https://nodejs.org, then run the command again.`,
      ],
      exitCode: 1,
    })
  })

  it('is made for every program of this repository', () => {
    const manifests = findFiles('packages/*/package.json').map((path) =>
      JSON.parse(readFileSync(path, 'utf8')),
    )
    const programs = manifests.filter(({ bin }) => bin !== undefined)
    expect(new Set(programs.map(({ name }) => name))).toEqual(
      new Set(['@iamfetch/local', 'create-iamfetch', 'iamfetch']),
    )
    for (const { bin, engines } of programs) {
      for (const path of Object.values(bin)) expect(path).toMatch(/^\.\/dist\/.+\.cjs$/)
      expect(engines.node).toMatch(/^>=\d+(\.\d+)?$/)
    }
  })
})
