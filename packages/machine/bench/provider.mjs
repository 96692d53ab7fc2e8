import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const DELAY_MS = 30

/**
 * A token endpoint and an API on loopback. The endpoint answers any path that ends in `/token`, 30 ms after it was asked.
 *
 * @param options.lifeSeconds  How long a token lives.
 * @param options.refuse       `(count) => [status, body, headers] | undefined`: another answer than a token.
 * @param options.accepts      Which tokens the API takes.
 */
export async function startProvider({ lifeSeconds = 3_600, refuse, accepts = () => true } = {}) {
  const counts = { token: 0, api: 0 }
  const provider = { counts, refuse, accepts, issued: [] }

  const tokenAnswer = () => {
    const other = provider.refuse?.(counts.token)
    if (other) return other
    const now = Math.floor(Date.now() / 1_000)
    const access_token = jwt({
      sub: 'bench',
      client_id: 'bench',
      token_use: 'access',
      scope: 'bench/read',
      iat: now,
      exp: now + lifeSeconds,
      jti: `${counts.token}`,
    })
    provider.issued.push(access_token)
    return [200, { access_token, token_type: 'Bearer', expires_in: lifeSeconds }, {}]
  }

  const answer = async (request, response) => {
    await text(request)
    const isToken = new URL(request.url, 'http://x').pathname.endsWith('/token')
    counts[isToken ? 'token' : 'api']++
    if (isToken) await new Promise((resolve) => setTimeout(resolve, DELAY_MS))
    const shown = request.headers.authorization?.replace(/^Bearer /, '')
    const api = provider.accepts(shown) ? [200, {}, {}] : [401, { message: 'Unauthorized' }, {}]
    const [status, body, headers] = isToken ? tokenAnswer() : api
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date().toUTCString(),
      ...headers,
    })
    response.end(JSON.stringify(body))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${server.address().port}`
  return Object.assign(provider, {
    origin,
    tokenUrl: `${origin}/oauth2/token`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  })
}

const jwt = (claims) =>
  [{ alg: 'RS256', typ: 'JWT', kid: 'bench' }, claims, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
