import { now } from './globals.ts'

/** A request as it left the app. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What Hermes reports of one signed request, for AWS's signer to sign again. */
export interface SignedRequest extends Sent {
  readonly secretAccessKey: string
}

/** A response of the scripted network. */
export interface Scripted {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

const REGION = 'eu-central-1'
export const IDENTITY_POOL_ID = `${REGION}:11111111-2222-3333-4444-555555555555`
export const API = `https://abc123.execute-api.${REGION}.amazonaws.com`

const SESSION_MS = 3_600_000
/** API Gateway's window. */
const MAX_SKEW_MS = 300_000
const LATENCY_MS = 20

/** Cognito Identity and an API behind IAM, in one `fetch`: the whole network of one check. */
export class ScriptedNetwork {
  /** The Cognito operations in the order of their calls. */
  readonly operations: string[] = []
  /** The requests that the API received, refused ones included. */
  readonly received: Sent[] = []
  /** Responses that the API gives before it looks at a request, the first one first. */
  readonly failures: Scripted[] = []
  /** Whether Cognito's responses say the time. */
  readonly #cognitoSaysTime: boolean
  readonly #secrets = new Map<string, string>()

  constructor({ cognitoSaysTime = true } = {}) {
    this.#cognitoSaysTime = cognitoSaysTime
  }

  /** What was sent to the API, with the secret of the session that it was signed with. */
  get signed(): SignedRequest[] {
    return this.received.flatMap((sent) => {
      const secretAccessKey = this.#secrets.get(accessKeyOf(sent))
      return secretAccessKey ? [{ ...sent, secretAccessKey }] : []
    })
  }

  /** Takes what React Native's `fetch` takes: text and bytes as the body, `Headers` as the headers. */
  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const headers: Record<string, string> = {}
    new Headers(init.headers).forEach((value, name) => (headers[name] = value))
    const sent = {
      method: init.method ?? 'GET',
      // oxlint-disable-next-line typescript/no-base-to-string -- the address, as text
      url: String(input),
      headers,
      body: textOf(init.body),
    }
    await new Promise<void>((resolve) => setTimeout(resolve, LATENCY_MS))
    const { status, headers: more, body } = this.#respond(sent)
    return new Response(JSON.stringify(body ?? {}), {
      status,
      headers: { 'content-type': 'application/json', ...more },
    })
  }

  #respond(sent: Sent): Scripted {
    if (sent.url.indexOf(`https://cognito-identity.${REGION}.amazonaws.com`) === 0) {
      return this.#cognito(sent)
    }
    if (sent.url.indexOf(`${API}/`) !== 0) throw new TypeError('Network request failed')
    this.received.push(sent)
    return this.failures.shift() ?? this.#gateway(sent)
  }

  #cognito({ headers }: Sent): Scripted {
    const operation = (headers['x-amz-target'] ?? '').replace(/^.*\./, '')
    this.operations.push(operation)
    const IdentityId = `${REGION}:99999999-8888-7777-6666-555555555555`
    const answered = this.#cognitoSaysTime ? { headers: date() } : {}
    if (operation === 'GetId') return { status: 200, ...answered, body: { IdentityId } }
    const AccessKeyId = `ASIAEXAMPLE${this.#secrets.size + 1}`
    const SecretKey = `secret-of-${AccessKeyId}`
    this.#secrets.set(AccessKeyId, SecretKey)
    const SessionToken = `session/of+${AccessKeyId}==`
    const Expiration = (now() + SESSION_MS) / 1_000
    const Credentials = { AccessKeyId, SecretKey, SessionToken, Expiration }
    return { status: 200, ...answered, body: { IdentityId, Credentials } }
  }

  /** A gateway that knows its sessions and its time. The signatures are checked by AWS's signer, after the run. */
  #gateway(sent: Sent): Scripted {
    const { headers, method, body } = sent
    if (headers['authorization']?.indexOf('Bearer ') === 0) return { status: 200, body: { method } }
    const refused = (message: string): Scripted => ({
      status: 403,
      headers: date(),
      body: { message },
    })
    if (!this.#secrets.has(accessKeyOf(sent))) {
      return refused('The security token included in the request is invalid.')
    }
    const stamp = headers['x-amz-date'] ?? ''
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? []
    const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    if (!(Math.abs(signedAt - now()) <= MAX_SKEW_MS)) {
      const [word, sign] = signedAt < now() ? ['expired', '-'] : ['not yet current', '+']
      return refused(`Signature ${word}: ${stamp} is out of (${stampOf(now())} ${sign} 5 min.)`)
    }
    return { status: 200, headers: date(), body: { method, length: body.length } }
  }
}

const date = (): Record<string, string> => ({ date: new Date(now()).toUTCString() })

const stampOf = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

const accessKeyOf = ({ headers }: Sent): string =>
  /Credential=(\w+)\//.exec(headers['authorization'] ?? '')?.[1] ?? ''

/** A body as one character for each byte. */
function textOf(body: unknown): string {
  if (body === undefined || body === null) return ''
  if (typeof body === 'string') return unescape(encodeURIComponent(body))
  if (body instanceof ArrayBuffer) return String.fromCharCode(...new Uint8Array(body))
  if (body instanceof Uint8Array) return String.fromCharCode(...body)
  throw new TypeError('The scripted network takes text and bytes.')
}
