import { networkInterfaces } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalStack, type StartOptions } from '../src/index.ts'

const DEFINITION = {
  apis: {
    open: {
      type: 'http' as const,
      routes: { 'GET /': { auth: 'none' as const, handler: () => 'answer' } },
    },
  },
}

/** Whether a stack answers at addresses of this machine other than 127.0.0.1. */
async function answersElsewhere(options: StartOptions): Promise<boolean[]> {
  const stack = await startLocalStack(DEFINITION, options)
  onTestFinished(() => stack.stop())
  const { port } = new URL(stack.config.apis.open.url)
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
  const urls = ['127.0.0.2', ...others.map(({ address }) => address)]
  return Promise.all(
    urls.map((address) =>
      fetch(`http://${address}:${port}/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    ),
  )
}

describe('where a stack listens', () => {
  test('by default other machines cannot reach it', async () => {
    expect(new Set(await answersElsewhere({}))).toStrictEqual(new Set([false]))
  })

  test('at 0.0.0.0 they can, and it needs the names that it is called by', async () => {
    const options = { host: '0.0.0.0', allowedHosts: ['stack'] }
    expect(new Set(await answersElsewhere(options))).toStrictEqual(new Set([true]))
  })

  test.each([
    [
      { host: '0.0.0.0' },
      'startLocalStack: "host" "0.0.0.0" can be reached by other machines; name those hosts that the stack is called by in "allowedHosts" (--allow-host)',
    ],
    [{ host: '::' }, 'startLocalStack: "host" "::" can be reached by other machines'],
    [
      { host: 'localhost' },
      'startLocalStack: "host" must be an address such as "0.0.0.0", got "localhost"',
    ],
  ])('%j is refused before anything listens', async (options, message) => {
    await expect(startLocalStack(DEFINITION, options)).rejects.toThrow(message)
  })
})
