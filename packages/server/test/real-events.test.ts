import { describe, expect, it } from 'vitest'
import { resolveCaller, type CallerOptions } from '../src/index.ts'
import { realEvents } from './real-events.ts'

const outcomeOf = async (event: unknown, options: CallerOptions): Promise<string> => {
  try {
    const { kind, subject, shape } = await resolveCaller(event, options)
    return `${kind} ${subject} ${shape}`
  } catch (error) {
    return String(Object(error).code)
  }
}
const userPools = [{ userPoolId: 'eu-west-1_Example00', clientIds: null, jwks: { keys: [] } }]

describe('an event of a public repository', () => {
  it.each(realEvents)('$what ($source)', async ({ event, expected, withUserPools = expected }) => {
    expect(await outcomeOf(event, {})).toBe(expected)
    expect(await outcomeOf(event, { userPools })).toBe(withUserPools)
  })

  it('is one of at least 40, from more than 8 repositories', () => {
    const files = new Set(realEvents.map(({ source }) => source))
    expect(files.size).toBeGreaterThanOrEqual(40)
    expect(new Set([...files].map((file) => file.split(':')[0])).size).toBeGreaterThan(8)
  })
})

it('serverless-offline passes lists on as lists, so that no name is split', async () => {
  const [event] = realEvents.filter(({ what }) => what.includes('as they are in it'))
  expect((await resolveCaller(event?.event)).groups).toEqual(['Admin,x', '[Editors]'])
})
