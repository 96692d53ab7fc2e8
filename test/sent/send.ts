import { createSigner, type Signer } from '@iamfetch/sigv4'
import { create as createAxios, type AxiosResponse } from 'axios'
import { createIamFetch } from 'iamfetch'
import type { BodyKind, Call } from './calls.ts'

/** What a caller needs. Goes to a page as JSON. */
export interface Setup {
  /** With the stage. */
  baseUrl: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string }
}

/** What the handler saw, as the gateway passed it on. */
export interface Seen {
  method: string
  pairs: [key: string, value: string][]
  meta: string | null
  type: string | null
  /** In base64. */
  body: string
}

/** What came back: what the handler saw, nothing for HEAD, and else why it was refused. */
export type Answer = { status: number; seen: Seen | null } | { status: number; reason: string }

/** The ways to send. The same code on Node and in a page. */
export const WAYS = ['signer', 'presigned', 'iamFetch', 'axios'] as const
export type Way = (typeof WAYS)[number]

/** Sends calls, eight at a time. */
export async function sendAll(
  setup: Setup,
  way: Way,
  all: readonly Call[],
): Promise<readonly Answer[]> {
  const send = SENDERS[way](setup)
  const answers: Answer[] = []
  const pending = [...all.entries()]
  const work = async (): Promise<void> => {
    for (let next = pending.shift(); next; next = pending.shift()) {
      const [i, call] = next
      answers[i] = await send(call).catch((error: unknown) => ({
        status: 0,
        reason: String(error),
      }))
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return answers
}

const initOf = ({ method, headers, body }: Call): RequestInit =>
  // What fetch asks for where a body is a stream.
  Object.assign({ method, headers, body: bodyOf(body) }, { duplex: 'half' })

const signerFor = ({ region, credentials }: Setup): Signer => createSigner({ region, credentials })

const SENDERS: Record<Way, (setup: Setup) => (call: Call) => Promise<Answer>> = {
  signer: (setup) => {
    const signer = signerFor(setup)
    return async (call) =>
      read(await fetch(await signer.sign(setup.baseUrl + call.target, initOf(call))))
  },
  presigned: (setup) => {
    const signer = signerFor(setup)
    return async ({ method, target }) =>
      read(await fetch(await signer.presign(setup.baseUrl + target, { method }), { method }))
  },
  iamFetch: (setup) => {
    const iamFetch = createIamFetch({ ...setup, retry: { attempts: 1 } })
    return async (call) => read(await iamFetch(call.target, initOf(call)))
  },
  axios: (setup) => {
    const client = createAxios({
      adapter: 'fetch',
      // Since axios 1.12. It is called with a `Request`.
      env: { fetch: createIamFetch({ ...setup, retry: { attempts: 1 } }) },
      baseURL: setup.baseUrl,
      validateStatus: () => true,
      responseType: 'text',
      transformResponse: (text: unknown) => text,
    })
    return async ({ method, target, headers, body }) => {
      const request = { url: target, method, headers, ...(body && { data: bodyOf(body) }) }
      const response: AxiosResponse<string> = await client.request(request)
      return answerOf(response.status, response.data, String(response.headers[REASON]))
    }
  },
}

const REASON = 'x-local-reason'

const read = async (response: Response): Promise<Answer> =>
  answerOf(response.status, await response.text(), String(response.headers.get(REASON)))

const answerOf = (status: number, text: string, reason: string): Answer =>
  status === 200
    ? { status, seen: text ? (JSON.parse(text) as Seen) : null }
    : { status, reason: `${reason}: ${text}` }

const bodyOf = (body: Call['body']): BodyInit | null =>
  body && BODIES[body.kind](body.text, new TextEncoder().encode(body.text))

const BODIES: Record<BodyKind, (text: string, bytes: Uint8Array<ArrayBuffer>) => BodyInit> = {
  text: (text) => text,
  bytes: (_, bytes) => bytes,
  buffer: (_, bytes) => bytes.buffer,
  view: (_, bytes) => new Uint8Array([1, ...bytes, 2]).subarray(1, -1),
  blob: (_, bytes) => new Blob([bytes], { type: 'image/png' }),
  params: (text) => new URLSearchParams([['text', text]]),
  stream: (_, bytes) => new Blob([bytes]).stream(),
  form: (text, bytes) => {
    const form = new FormData()
    form.append('text', text)
    form.append('file', new File([bytes], 'ü.bin'))
    return form
  },
}
