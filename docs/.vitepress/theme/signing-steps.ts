import { awsHostOf, sha256Hex, signParts } from '@iamfetch/sigv4'
import { curlLine } from '../../../packages/iamfetch/src/cli/curl.ts'
import { hmac, hexOf } from './hmac.ts'

/** What the fields of the signing page hold, as they were typed. */
export interface SigningFields {
  method: string
  url: string
  /** One header per line, `name: value`. */
  headers: string
  body: string
  region: string
  service: string
  /** `20150830T123600Z`, or any form that `Date` reads. */
  date: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** One step of the derivation of the signing key. */
export interface KeyStep {
  name: string
  /** What goes into the HMAC; the secret itself is not shown. */
  made: string
  hex: string
}

/** A signature, and each step that leads to it. */
export interface SigningSteps {
  payloadHash: string
  canonicalRequest: string
  canonicalRequestHash: string
  stringToSign: string
  keys: readonly KeyStep[]
  signature: string
  /** Of all headers to send, those that were typed included. */
  headers: readonly (readonly [name: string, value: string])[]
  curl: string
}

/** AWS's published example: IAM's `ListUsers`, with the example credentials of its documentation. */
export const example: SigningFields = {
  method: 'GET',
  url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
  headers: 'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
  body: '',
  region: 'us-east-1',
  service: 'iam',
  date: '20150830T123600Z',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
}

/**
 * Signs what the fields say and keeps every step.
 *
 * The signature is computed twice, by `signParts` and by the steps that are shown; they have to agree.
 *
 * @throws Error whose message says which field is invalid; it contains no credentials.
 */
export function signingSteps(fields: SigningFields): SigningSteps {
  const { secretAccessKey, region, service, body } = fields
  const method = fields.method.trim().toUpperCase()
  const url = urlOf(fields.url)
  const headers = headersOf(fields.headers)
  if (!headers.some(([name]) => name.toLowerCase() === 'host')) headers.unshift(['host', url.host])
  const at = dateOf(fields.date)
  for (const [name, value] of Object.entries({ method, region, service })) {
    if (!/^[\w.-]+$/.test(value))
      throw new Error(`The ${name} must consist of letters, digits, dots and hyphens.`)
  }
  // As `createSigner` does it: what is signed is what is sent.
  const path = url.pathname.replace(/\/+/g, '/')
  const payloadHash = sha256Hex(body)
  const signed = signParts(
    { method, path, query: url.search.slice(1), headers },
    {
      credentials: {
        accessKeyId: fields.accessKeyId.trim(),
        secretAccessKey,
        ...(fields.sessionToken && { sessionToken: fields.sessionToken.trim() }),
      },
      region,
      service,
      at,
      payloadHash,
    },
  )
  const { canonicalRequest, stringToSign, signature } = signed
  const [, time = '', scope = ''] = stringToSign.split('\n')
  const { keys, signature: again } = derive(secretAccessKey, scope, stringToSign)
  if (again !== signature) throw new Error('The two ways to compute the signature disagree.')
  const query = canonicalRequest.split('\n')[2]
  const target = `${url.origin}${path}${query ? `?${query}` : ''}`
  return {
    payloadHash,
    canonicalRequest,
    canonicalRequestHash: sha256Hex(canonicalRequest),
    stringToSign,
    keys,
    signature,
    headers: signed.headers,
    curl: curlLine(
      {
        method,
        url: target,
        // curl sends the host by itself, unless another one was signed.
        headers: Object.fromEntries(
          signed.headers.filter(
            ([name, value]) => name.toLowerCase() !== 'host' || value !== url.host,
          ),
        ),
        ...(body && { body }),
      },
      ' \\\n  ',
    ),
  }

  function derive(secret: string, credentialScope: string, text: string) {
    const parts = credentialScope.split('/')
    const names = ['kDate', 'kRegion', 'kService', 'kSigning']
    let key: Uint8Array = new TextEncoder().encode(`AWS4${secret}`)
    const steps = parts.map((part, index): KeyStep => {
      key = hmac(key, part)
      const before = index === 0 ? '"AWS4" + secret' : names[index - 1]
      return { name: names[index]!, made: `HMAC(${before}, "${part}")`, hex: hexOf(key) }
    })
    if (time.slice(0, 8) !== parts[0]) throw new Error('The scope is of another day.')
    return { keys: steps, signature: hexOf(hmac(key, text)) }
  }
}

/**
 * Finds what contradicts the host name: AWS refuses a signature for another region or service.
 *
 * @returns A sentence for each contradiction. None for a host that is not AWS's, and none while the URL is not complete.
 */
export function scopeWarnings({ url: text, region, service }: SigningFields): string[] {
  if (!URL.canParse(text.trim())) return []
  const { host, protocol } = new URL(text.trim())
  const named = awsHostOf(host, protocol)
  if (!named) return []
  const typed = { region: region.trim(), service: service.trim() }
  return (['region', 'service'] as const).flatMap((name) => {
    const wanted = named[name]
    if (wanted === undefined || wanted === typed[name]) return []
    return `The host ${host} belongs to the ${name} ${wanted}, and the field says ${typed[name] || 'nothing'}. AWS refuses such a signature. Write ${wanted} into the field.`
  })
}

function urlOf(text: string): URL {
  let url: URL | undefined
  try {
    url = new URL(text.trim())
  } catch {
    // Thrown below: the platform's message would quote a password.
  }
  if (!url || !/^(http|ws)s?:$/.test(url.protocol))
    throw new Error('The URL is not complete. It begins with https:// or wss://.')
  if (url.username || url.password) throw new Error('The URL has a user or a password in it.')
  if (/[?&]=/.test(url.search)) throw new Error('The URL has a parameter without a name.')
  return url
}

function headersOf(text: string): (readonly [string, string])[] {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*:(.*)$/.exec(line) ?? []
      if (!name) throw new Error('Each line of the headers must have the form "name: value".')
      if (/^(authorization|x-amz-(date|security-token))$/i.test(name)) {
        throw new Error(`${name} is computed on this page. Remove it from the headers.`)
      }
      return [name, value!.trim()]
    })
}

function dateOf(text: string): Date {
  const iso = text.trim().replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const date = new Date(iso)
  if (Number.isNaN(date.getTime()))
    throw new Error('The date is invalid. Write it like this: 20150830T123600Z.')
  return date
}
