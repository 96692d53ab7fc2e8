// One process of the loopback bench: microseconds of processor time per call, round by round, as JSON.
import { sendAll, subjectsOf } from './subjects.mjs'

const [, , address, inFlight = '1'] = process.argv
if (address === undefined) {
  console.error(
    'Usage: on-node.mjs URL [REQUESTS IN FLIGHT]; `npm run bench` starts the server and this.',
  )
  process.exit(2)
}
const CALLS = 200
const ROUNDS = 20
/** The first thousand calls of a function take three times as long as later ones, because V8 has not compiled it yet. */
const WARM_UP_ROUNDS = 20

const subjects = Object.entries(subjectsOf(address))
const times = Object.fromEntries(subjects.map(([name]) => [name, []]))
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
  for (const [name, send] of subjects) {
    const start = process.cpuUsage()
    await sendAll(send, CALLS, Number(inFlight))
    const { user, system } = process.cpuUsage(start)
    if (round >= 0) times[name].push((user + system) / CALLS)
  }
}
console.log(JSON.stringify(times))
// The sockets of three clients stay open otherwise.
process.exit()
