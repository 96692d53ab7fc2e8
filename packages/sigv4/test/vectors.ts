/* oxlint-disable typescript/no-unsafe-type-assertion -- a data file with a known form */
import { readFileSync } from 'node:fs'
import type { Parts, SigningContext } from '../src/index.ts'

/** The signing test suite of AWS. Its source and licence are in the file. */
const SUITE = new URL('vectors/aws-signing-test-suite-v4.json', import.meta.url)

/** What AWS expects of one form of a signature: in headers, or in the query. */
export interface Expected {
  canonicalRequest: string
  stringToSign: string
  signature: string
  signedRequest: string
}

/** One case of the suite. */
export interface Vector {
  name: string
  parts: Parts
  context: SigningContext
  /** Whether the hash of the body is a header that is signed. */
  signBody: boolean
  header: Expected
  query: Expected
  body: string
}

/** A case as the data file has it. */
interface Case {
  name: string
  context: {
    credentials: { access_key_id: string; secret_access_key: string; token?: string }
    region: string
    service: string
    timestamp: string
    expiration_in_seconds: number
    normalize: boolean
    sign_body: boolean
    omit_session_token?: boolean
  }
  request: string
  header: Expected
  query: Expected
}

/**
 * Reads all cases.
 *
 * @param hash  Returns the SHA-256 of a body in hexadecimal.
 */
export function readVectors(hash: (body: string) => string): Vector[] {
  const { cases } = JSON.parse(readFileSync(SUITE, 'utf8')) as { cases: Case[] }
  return cases.map(({ name, context, request, header, query }) => {
    const { parts, body } = readRequest(request)
    const { access_key_id, secret_access_key, token } = context.credentials
    return {
      name,
      body,
      parts,
      signBody: context.sign_body,
      context: {
        credentials: {
          accessKeyId: access_key_id,
          secretAccessKey: secret_access_key,
          ...(token && { sessionToken: token }),
        },
        region: context.region,
        service: context.service,
        at: new Date(context.timestamp),
        expiresInSeconds: context.expiration_in_seconds,
        normalizePath: context.normalize,
        signSessionToken: !context.omit_session_token,
        payloadHash: hash(context.sign_body ? body : ''),
      },
      header,
      query,
    }
  })
}

/** Takes an HTTP request apart that is written as text. */
function readRequest(text: string): { parts: Parts; body: string } {
  const [head = '', ...rest] = text.split('\n\n')
  const [first = '', ...lines] = head.trimEnd().split('\n')
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? []
  const [path = '', ...query] = target.split('?')
  const headers: [string, string][] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    // A line that starts with a space continues the previous one (obs-fold, RFC 7230 §3.2.4).
    if (/^\s/.test(line)) headers.at(-1)![1] += `\n${line}`
    else headers.push([line.slice(0, colon), line.slice(colon + 1)])
  }
  return { parts: { method, path, query: query.join('?'), headers }, body: rest.join('\n\n') }
}
