/**
 * Times the subjects in turns, so that a machine that slows down slows all of them.
 *
 * @returns For each subject, microseconds a call in each round.
 */
export async function measure(subjects, { rounds, sliceMs = 2, warmUpMs = 150 }) {
  const names = Object.keys(subjects)
  const counts = {}
  for (const name of names) {
    // Until the engine has compiled it, and to learn how many calls fill a slice.
    const start = performance.now()
    let calls = 0
    do {
      await subjects[name]()
      calls++
    } while (performance.now() - start < warmUpMs)
    counts[name] = Math.max(1, Math.round((calls * sliceMs) / (performance.now() - start)))
  }
  const times = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const run = subjects[name]
      const start = performance.now()
      for (let i = 0; i < counts[name]; i++) {
        const pending = run()
        if (pending instanceof Promise) await pending
      }
      times[name].push(((performance.now() - start) * 1_000) / counts[name])
    }
  }
  return times
}

/** The middle one. */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** How many times as long `one` took as `other`: the median over the rounds, each compared with itself. */
export const ratio = (times, one, other) =>
  median(times[one].map((value, round) => value / times[other][round]))

/** Rounds of several runs as one. */
export function joined(runs) {
  const names = Object.keys(runs[0])
  return Object.fromEntries(names.map((name) => [name, runs.flatMap((run) => run[name])]))
}

export const SIZES = [0, 1_024, 65_536, 1_048_576, 10_485_760]
export function roundsFor(size) {
  if (size > 2_000_000) return 5
  return size > 100_000 ? 20 : 60
}
