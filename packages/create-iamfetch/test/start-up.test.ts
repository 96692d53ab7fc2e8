import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'

// The template is plain JavaScript, without declarations.
const fromTemplate = (name: string): string => new URL(`../template/${name}`, import.meta.url).href
type AdviceFor = (version: string, features: { typescript?: string | false }) => string | undefined
const { adviceFor }: { adviceFor: AdviceFor } = await import(fromTemplate('check-node.cjs'))
interface PortsWanted {
  wanted: string | undefined
  standard: number
  count: number
  name: string
}
const { freePorts }: { freePorts: (ports: PortsWanted) => Promise<number> } = await import(
  fromTemplate('free-ports.mjs')
)

/** Takes a port of this machine until the test ends. */
async function takePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port.')
  return address.port
}

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

  test('takes the next ports that are free', async () => {
    const standard = await takePort()
    const first = await freePorts({ wanted: undefined, standard, count: 2, name: 'STACK_PORT' })
    expect(first).toBeGreaterThan(standard)
    expect((first - standard) % 10).toBe(0)
  })

  test.each(['abc', '0', '70000', '-1', '80.5'])('says that %s is not a port', async (wanted) => {
    const asked = freePorts({ wanted, standard: 5173, count: 1, name: 'PORT' })
    await expect(asked).rejects.toThrow(`PORT must be a port from 1 to 65535, got "${wanted}".`)
  })

  test('an empty variable is one that is not set', async () => {
    const standard = await takePort()
    const first = await freePorts({ wanted: '', standard, count: 1, name: 'PORT' })
    expect(first).toBeGreaterThan(standard)
  })

  test('keeps the port that was asked for, or says which variable to change', async () => {
    const taken = await takePort()
    const asked = (wanted: number, count: number): Promise<number> =>
      freePorts({ wanted: String(wanted), standard: 9400, count, name: 'STACK_PORT' })
    await expect(asked(taken, 1)).rejects.toThrow(
      `Port ${taken} is in use. Set STACK_PORT to another port, or leave it out.`,
    )
    await expect(asked(taken - 1, 3)).rejects.toThrow(
      `One of the ports ${taken - 1} to ${taken + 1} is in use. Set STACK_PORT to another port, or leave it out.`,
    )
  })
})
