// The page of the loopback bench.
import { sendAll, subjectsOf } from './subjects.mjs'

const subjects = subjectsOf(location.origin)
globalThis.sendAll = (name, calls, inFlight) => sendAll(subjects[name], calls, inFlight)
