import { pass } from './moved-date.mjs'
import { startProvider } from './provider.mjs'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const outcome = (promise) =>
  promise.then(
    () => true,
    () => false,
  )
const down = () => [503, { message: 'Service Unavailable' }, {}]

/** Starts a provider, creates a contender for it, measures, and ends the provider. */
async function withProvider(contender, options, measure) {
  const provider = await startProvider(options)
  try {
    return await measure(await contender.make(provider), provider)
  } finally {
    provider.stop()
  }
}

/** A token that has this long to live, and a provider that answers 503 from then on: three calls, one after the other. */
const downWith = (leftMs) => async (contender) =>
  withProvider(contender, {}, async ({ token }, provider) => {
    await token()
    pass(HOUR - leftMs)
    provider.refuse = down
    const begun = performance.now()
    const served = []
    for (let call = 0; call < 3; call++) served.push(await outcome(token()))
    const ok = served.every(Boolean)
    const tookMs = Math.round(performance.now() - begun)
    const failed = served.some(Boolean) ? 'some fail' : 'fail'
    return { pass: ok, shown: ok ? 'ok' : failed, tookMs }
  })

/** The eight of them; `bar` is what passes. */
export const measurements = [
  {
    id: 'A',
    title: '50 cold calls at once',
    unit: 'token requests',
    bar: '1',
    run: (contender) =>
      withProvider(contender, {}, async ({ token }, { counts }) => {
        await Promise.all(Array.from({ length: 50 }, () => token()))
        return { pass: counts.token === 1, shown: counts.token }
      }),
  },
  {
    id: 'B',
    title: '10 calls over 50 s, tokens of 300 s',
    unit: 'token requests',
    bar: '1',
    run: (contender) =>
      withProvider(contender, { lifeSeconds: 300 }, async ({ token }, { counts }) => {
        for (let call = 0; call < 10; call++) {
          await token()
          pass(5_000)
        }
        return { pass: counts.token === 1, shown: counts.token }
      }),
  },
  {
    id: 'C',
    title: '3 calls with 240 s left of an hour, endpoint answers 503',
    unit: 'the calls',
    bar: 'ok',
    run: downWith(4 * MINUTE),
  },
  {
    id: 'C2',
    title: '3 calls with 60 s left of an hour, endpoint answers 503',
    unit: 'the calls',
    bar: 'ok',
    run: downWith(MINUTE),
  },
  {
    id: 'D',
    title: '20 calls with a wrong secret',
    unit: 'token requests',
    bar: '≤ 2',
    run: (contender) =>
      withProvider(
        contender,
        { refuse: () => [401, { error: 'invalid_client' }, {}] },
        async ({ token }, { counts }) => {
          for (let call = 0; call < 20; call++) await outcome(token())
          return { pass: counts.token <= 2, shown: counts.token }
        },
      ),
  },
  {
    id: 'E',
    title: 'first answer 429 with Retry-After: 2',
    unit: 'the call',
    bar: 'ok',
    run: (contender) => {
      const refuse = (count) =>
        count === 1 ? [429, { error: 'slow_down' }, { 'retry-after': '2' }] : undefined
      return withProvider(contender, { refuse }, async ({ token }) => {
        const begun = performance.now()
        const ok = await outcome(token())
        const tookMs = Math.round(performance.now() - begun)
        return { pass: ok && tookMs >= 2_000, shown: ok ? 'ok' : 'fails', tookMs }
      })
    },
  },
  {
    id: 'G',
    title: '20 calls at once, the API rejects the old token',
    unit: 'token requests',
    bar: '1',
    run: (contender) =>
      withProvider(contender, {}, async ({ api }, provider) => {
        if (!api) return { shown: 'n/a' }
        await api()
        const [revoked] = provider.issued
        provider.accepts = (token) => token !== revoked
        const statuses = await Promise.all(Array.from({ length: 20 }, () => api()))
        const requests = provider.counts.token - 1
        return {
          pass: requests === 1 && statuses.every((status) => status === 200),
          shown: requests,
        }
      }),
  },
  {
    id: 'H',
    title: '5 calls, the API rejects every token',
    unit: 'token requests',
    bar: '≤ 2',
    run: (contender) =>
      withProvider(contender, { accepts: () => false }, async ({ api }, { counts }) => {
        if (!api) return { shown: 'n/a' }
        for (let call = 0; call < 5; call++) await api()
        return { pass: counts.token <= 2, shown: counts.token }
      }),
  },
]
