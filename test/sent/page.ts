import { sendAll } from './send.ts'

Object.assign(globalThis, { sendAll })
