import { once } from 'node:events'
import { createServer } from 'node:net'

/** Whether nothing listens at a port of this machine. */
async function isFree(port) {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/**
 * Finds ports that are free and follow each other.
 *
 * @param wanted    The port that an environment variable asks for; it is used or refused, and never replaced.
 * @param standard  The first port that is tried without one.
 * @param count     How many are needed.
 * @param name      The environment variable, for the message.
 * @returns The first of them.
 */
export async function freePorts({ wanted, standard, count, name }) {
  const isRowFree = async (first) => {
    for (let port = first; port < first + count; port++) if (!(await isFree(port))) return false
    return true
  }
  if (wanted) {
    const first = portFrom(wanted, { count, name })
    if (await isRowFree(first)) return first
    const range = count > 1 ? `One of the ports ${first} to ${first + count - 1}` : `Port ${first}`
    throw new Error(`${range} is in use. Set ${name} to another port, or leave it out.`)
  }
  for (let first = standard; first < standard + 1_000; first += 10) {
    if (!(await isRowFree(first))) continue
    if (first !== standard) console.log(`Port ${standard} is in use; ${name} is ${first}.`)
    return first
  }
  throw new Error(`No ports are free from ${standard} on. Set ${name} to a free port.`)
}

/** The port in an environment variable. The ports after it must exist as well. */
function portFrom(text, { count, name }) {
  const port = Number(text)
  const last = 65_536 - count
  if (Number.isInteger(port) && port >= 1 && port <= last) return port
  throw new Error(`${name} must be a port from 1 to ${last}, got "${text}".`)
}
