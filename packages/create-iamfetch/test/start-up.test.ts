import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'

// The template is plain JavaScript, without declarations.
const fromTemplate = (name: string): string => new URL(`../template/${name}`, import.meta.url).href
const { adviceFor }: { adviceFor: (version: string) => string | undefined } = await import(
  fromTemplate('check-node.mjs')
)
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
  test.each([
    ['22.18.0', false],
    ['24.0.0', false],
    ['22.17.1', true],
    ['20.20.2', true],
  ])('Node %s: told to get a newer one is %s', (version, isTold) => {
    const advice = adviceFor(version)
    expect(advice !== undefined).toBe(isTold)
    expect(advice ?? `Node ${version} npx -p node@24 npm run dev`).toMatch(
      new RegExp(`Node ${version}[^]*npx -p node@24 npm run dev`),
    )
  })

  test('takes the next ports that are free', async () => {
    const standard = await takePort()
    const first = await freePorts({ wanted: undefined, standard, count: 2, name: 'STACK_PORT' })
    expect(first).toBeGreaterThan(standard)
    expect((first - standard) % 10).toBe(0)
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
