import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'

// The template is plain JavaScript, without declarations.
const fromTemplate = (name: string): string => new URL(`../template/${name}`, import.meta.url).href
type AdviceFor = (version: string, features: { typescript?: string | false }) => string | undefined
const { adviceFor }: { adviceFor: AdviceFor } = await import(fromTemplate('check-node.cjs'))

describe('a new project on a machine that is not ready for it', () => {
  // What `process.features` of these versions has.
  test.each([
    ['10.24.1', {}],
    ['20.20.2', {}],
    ['22.17.1', { typescript: false }],
    ['23.5.0', { typescript: false }],
  ] as const)(
    'Node %s does not run TypeScript, and the project says so and what to do',
    (version, has) => {
      const advice = adviceFor(version, has)
      expect(advice).toContain(`This is Node ${version}, which does not run TypeScript. `)
      expect(advice).toContain('This project needs Node 22.18, or 24 or later.')
      expect(advice).toContain('npx -p node@24 npm run dev')
    },
  )

  test('nothing is said on a Node that runs TypeScript', () => {
    expect(adviceFor('22.18.0', { typescript: 'strip' })).toBeUndefined()
  })

  test('every command of the project checks the version of Node first', async () => {
    const read = async (name: string): Promise<string> =>
      readFile(new URL(`../template/${name}`, import.meta.url), 'utf8')
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(await read('package.json'))
    const { app }: { app: string } = JSON.parse(await read('cdk.json'))
    const commands = [...Object.values(scripts), app]
    expect(commands.filter((command) => !command.startsWith('node check-node.cjs && '))).toEqual([])
  })
})
