/* oxlint-disable typescript/no-unsafe-type-assertion -- inputs that the types forbid, JSON that the suite wrote */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Parts, SigningContext } from '../src/index.ts'

/** One case of AWS's signing test suite. */
export interface Vector {
  name: string
  parts: Parts
  context: SigningContext & { signBody: boolean }
  expected: (form: 'header' | 'query', what: string) => string
  body: string
}

/** Where the suite lies beside the repository, `undefined` where it does not. */
export function findVectors(): string | undefined {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const suite = join(folder, '../shared/vectors/aws-signing-test-suite-v4')
    if (existsSync(suite)) return suite
  }
  return undefined
}

/** Reads all cases; `hash` gives the hash of a body. */
export function readVectors(suite: string, hash: (body: string) => string): Vector[] {
  return readdirSync(suite, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const text = (file: string): string => readFileSync(join(suite, name, file), 'utf8')
      const context = JSON.parse(text('context.json')) as Record<string, never> & {
        credentials: Record<string, string>
      }
      const [head, ...rest] = text('request.txt').split('\n\n')
      const body = rest.join('\n\n')
      const [first, ...lines] = head!.trimEnd().split('\n')
      const [, method, target] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first!)!
      const [path, ...query] = target!.split('?')
      const headers: [string, string][] = []
      for (const line of lines) {
        const colon = line.indexOf(':')
        // A line that starts with a space goes on with the one before (RFC 7230 obs-fold).
        if (/^\s/.test(line)) headers.at(-1)![1] += '\n' + line
        else headers.push([line.slice(0, colon), line.slice(colon + 1)])
      }
      const { access_key_id, secret_access_key, token } = context.credentials
      return {
        name,
        body,
        parts: { method: method!, path: path!, query: query.join('?'), headers },
        context: {
          credentials: {
            accessKeyId: access_key_id!,
            secretAccessKey: secret_access_key!,
            ...(token && { sessionToken: token }),
          },
          region: context['region']!,
          service: context['service']!,
          at: new Date(context['timestamp']!),
          expiresInSeconds: context['expiration_in_seconds']!,
          normalizePath: context['normalize']!,
          signSessionToken: !context['omit_session_token'],
          signBody: context['sign_body']!,
          payloadHash: hash(context['sign_body'] ? body : ''),
        },
        expected: (form, what) => text(`${form}-${what}.txt`),
      }
    })
}
