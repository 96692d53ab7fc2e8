// Loaded into every process of the tests (NODE_OPTIONS, see vitest.config.mjs). It has the two functions that instrumented
// sources call, and it instruments the sources that Node itself loads: those of commands and of handlers' threads.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { threadId } from 'node:worker_threads'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'node_modules/.cache/messages')
const file = join(folder, `${process.pid}-${threadId}.jsonl`)

/** So many values of one message are enough. */
const MOST = 200
const texts = new Map()
const errors = new Set()

const append = (record) => appendFileSync(file, `${JSON.stringify(record)}\n`)

globalThis.iamfetchMessageText = (key, text) => {
  if (typeof text !== 'string') return text
  const known = texts.get(key) ?? new Set()
  texts.set(key, known)
  if (known.size < MOST && !known.has(text)) {
    known.add(text)
    append({ key, text })
  }
  return text
}

globalThis.iamfetchCreatedError = (path, error) => {
  const id = `${path}\t${error.message}\t${error.remedy}`
  if (errors.size >= 20_000 || errors.has(id)) return error
  errors.add(id)
  // Later, because the code of a TypeError is assigned after it was created.
  queueMicrotask(() => {
    const { name, message, code, remedy } = error
    append({ path, name, message, code, remedy })
  })
  return error
}

const instrumented = join(folder, 'instrumented.json')
if (existsSync(instrumented)) {
  const sources = new Map(Object.entries(JSON.parse(readFileSync(instrumented, 'utf8'))))
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.startsWith('file:')) return loaded
      const source = sources.get(
        fileURLToPath(url)
          .slice(root.length + 1)
          .replaceAll('\\', '/'),
      )
      return source === undefined ? loaded : { ...loaded, source }
    },
  })
}
