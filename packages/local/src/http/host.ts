import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { invalidOption, show } from '../invalid-option.ts'
import { headerText } from './printable.ts'

/**
 * Restricts a server to requests that use a name of this machine.
 *
 * A page whose host name resolves to 127.0.0.1 (DNS rebinding) has the same origin as the server, so CORS does not stop it; but
 * its browser still sends that name as `Host`. Accepted are `localhost`, names under it, and addresses, which no name server can
 * redirect: 127.0.0.1, or an Android emulator's 10.0.2.2. The port is not checked: forwarded ports and development proxies have
 * other ports, and a page with such a name belongs to this machine.
 *
 * All other requests get a 421 with the reason in `x-local-reason`, before any part of the stack handles or counts them.
 *
 * @param allowedHosts  More names, without a port.
 * @param onRefused  Receives each request that is refused, and why.
 * @see [RFC 9110 §17.1: establishing authority](https://www.rfc-editor.org/rfc/rfc9110#section-17.1)
 */
export function answerOnlyTo(
  server: Server,
  allowedHosts: readonly string[],
  onRefused?: (incoming: IncomingMessage, reason: string) => void,
): void {
  const names = new Set(allowedHosts.map((name) => name.toLowerCase()))
  const handle = server.listeners('request')
  const upgrade = server.listeners('upgrade')
  server.removeAllListeners('request').removeAllListeners('upgrade')
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (isAnswered(incoming, names)) {
      for (const listener of handle) listener.call(server, incoming, outgoing)
      return
    }
    incoming.resume()
    const headers = headersFor(incoming)
    onRefused?.(incoming, headers['x-local-reason'])
    outgoing.writeHead(421, { ...headers, connection: 'close' }).end(BODY)
  })
  if (upgrade.length === 0) return
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node removes its own listener before this event. Without one, a client that resets the connection ends the process.
    socket.on('error', () => socket.destroy())
    if (isAnswered(incoming, names)) {
      for (const listener of upgrade) listener.call(server, incoming, socket, head)
      return
    }
    const lines = Object.entries(headersFor(incoming)).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    socket.end(
      `HTTP/1.1 421 Misdirected Request\r\n${lines.join('')}connection: close\r\n\r\n${BODY}`,
    )
  })
}

/** @throws `TypeError` for anything but a host name, such as a URL, a port or a wildcard. */
export function checkAllowedHosts(allowedHosts: readonly string[]): void {
  for (const name of allowedHosts) {
    if (isHostName(name)) continue
    const what = 'must have host names without a port, such as "host.docker.internal"'
    throw invalidOption('startLocalStack', `"allowedHosts" ${what}, got ${show(name)}`)
  }
}

/**
 * Checks where a stack listens. What other machines can reach needs the names by which they call it, so that no user opens a
 * stack to a network by one option alone.
 *
 * @throws `TypeError` for anything but an address, and for one of a network without `allowedHosts`.
 */
export function checkListenAddress(host: string, allowedHosts: readonly string[]): void {
  if (isIP(host) === 0) {
    const what = 'must be an address such as "0.0.0.0"'
    throw invalidOption('startLocalStack', `"host" ${what}, got ${show(host)}`)
  }
  if (isLoopback(host) || allowedHosts.length > 0) return
  throw invalidOption(
    'startLocalStack',
    `"host" ${show(host)} can be reached by other machines; name those hosts that the stack is called by in "allowedHosts" (--allow-host)`,
  )
}

/** Whether other machines cannot reach an address. */
export const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.')

/** Whether it is a name without a port, and no wildcard. */
export const isHostName = (name: unknown): boolean =>
  typeof name === 'string' && /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(name)

const BODY = '{"message":"Misdirected Request"}'

function isAnswered(
  { headersDistinct: { host = [] } }: IncomingMessage,
  names: Set<string>,
): boolean {
  return host.length > 0 && host.every((hostName) => isOwn(hostName, names))
}

function isOwn(host: string, names: Set<string>): boolean {
  const [, inBrackets, plain = ''] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? []
  if (inBrackets !== undefined) return isIP(inBrackets) === 6
  const name = plain.toLowerCase()
  return isIP(name) === 4 || /^(?:.+\.)?localhost$/.test(name) || names.has(name)
}

function headersFor({ headers: { host = '' } }: IncomingMessage) {
  const shown = headerText(host).slice(0, 100)
  return {
    'content-type': 'application/json',
    'content-length': String(BODY.length),
    'x-local-reason': `HostNotAllowed: ${shown || 'no host'} is not a name of this machine; add other names with allowedHosts (--allow-host)`,
  }
}
