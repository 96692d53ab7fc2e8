// What the JavaScript programs share: the set-up of the stack, and how they report.
import { readFileSync } from 'node:fs'

export const setup = JSON.parse(readFileSync(process.env.CLIENTS_SETUP, 'utf8'))

const report = (what) => console.log(`@${JSON.stringify(what)}`)

/** Reports the version of the client under test, by its folder in node_modules. */
export function use(folder) {
  const manifest = new URL(`node_modules/${folder}/package.json`, import.meta.url)
  report({ version: JSON.parse(readFileSync(manifest, 'utf8')).version })
}

/** Runs one check and reports how it ended. */
export async function check(name, run) {
  try {
    await run()
    report({ check: name })
  } catch (error) {
    report({ check: name, error: describe(error) })
  }
}

/** Sends each request of the set-up with one signer: `send(request, key)` resolves with a status and a reason. */
export async function sendRequests(send) {
  for (const request of setup.requests) {
    try {
      const { status, reason } = await send(request, setup.keys[request.key])
      report({ request: request.id, status, reason: reason ?? null })
    } catch (error) {
      report({ request: request.id, error: describe(error) })
    }
  }
}

export function expect(actual, expected) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

/** Fails unless a promise is rejected with an error of this name or code. */
export async function refused(promise, name) {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  )
  if (!error) throw new Error(`expected ${name}, and the call was accepted`)
  expect(error.code ?? error.name, name)
}

/** Signs a user in on the pages of the user pool, as a browser. @returns The URL of the callback. */
export async function signInAt(url, user = 'alice') {
  const response = await fetch(
    `${setup.browser}?${new URLSearchParams({ url: String(url), user })}`,
  )
  return response.text()
}

const describe = (error) =>
  `${error?.name}: ${error?.message}${error?.cause ? ` (${error.cause.message ?? JSON.stringify(error.cause)})` : ''}`.slice(
    0,
    500,
  )
