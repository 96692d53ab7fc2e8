import { awsHostOf, createSigner, sha256Hex } from '../../src/index.ts'
import { throughUrl } from './aws4fetch.ts'
import type { Case } from './requests.ts'
import { smithy } from './smithy.ts'

/** The ways to hand a body to `fetch`. */
const BODIES: readonly ((bytes: Uint8Array<ArrayBuffer>) => BodyInit | null)[] = [
  (bytes) => bytes,
  (bytes) => bytes.slice().buffer,
  (bytes) => new Blob([bytes], { type: 'image/png' }),
  (bytes) => String.fromCharCode(...bytes),
  (bytes) => new URLSearchParams([['ü', String.fromCharCode(...bytes)]]),
  (bytes) => new Blob([bytes]).stream(),
  (bytes) => new DataView(bytes.buffer),
  (bytes) => {
    const form = new FormData()
    form.append('text', String.fromCharCode(...bytes))
    form.append('file', new File([bytes], 'ü.bin'))
    return form
  },
  (bytes) => new Uint8Array([1, ...bytes, 2]).subarray(1, -1),
  () => null,
]

/** A request without what `createSigner` refuses, a parameter without a name; a URL loses line breaks, so it comes first. */
function spoken(given: Case): Case {
  const one = throughUrl(given)
  const query = one.parts.query.split('&').filter((pair) => !pair.startsWith('='))
  return { ...one, parts: { ...one.parts, query: query.join('&') } }
}

/**
 * Has a request signed by `createSigner`, in its headers and in its URL, and reads what would be sent: AWS's signer has to
 * come to the same signatures from that alone.
 */
export async function compareAsSent(given: Case): Promise<undefined> {
  const one = spoken(given)
  const { method, path, query, headers } = one.parts
  const host = headers.find(([name]) => name === 'Host')![1]
  // An AWS host says what it is signed for.
  const { region, service } = awsHostOf(host) ?? one.context
  const context = {
    ...one.context,
    region,
    service: service ?? one.context.service,
    normalizePath: true,
    signSessionToken: true,
  }
  const { credentials, expiresInSeconds } = context
  const isLattice = context.service === 'vpc-lattice-svcs'
  const sendsHash = (one.bodyKind >> 5) % 2 === 1
  const sendable = headers.filter(([name, value]) => name !== 'Host' && /^[ -~]*$/.test(value))
  const signer = createSigner({
    credentials,
    region,
    service: context.service,
    payload: sendsHash && !isLattice ? 'header' : undefined,
    clock: { now: () => Number(context.at) },
    signHeaders: sendable.map(([name]) => name).filter((name, i) => i % 2 && !/^date$/i.test(name)),
  })
  const address = `https://${host}${path}?${query}`
  const body = /^(get|head)$/i.test(method)
    ? null
    : BODIES[one.bodyKind % BODIES.length]!(one.body.slice())
  const init = { method, headers: sendable.map(([...pair]) => pair), body, duplex: 'half' }
  const request =
    (one.bodyKind >> 4) % 2
      ? await signer.sign(new Request(address, init))
      : await signer.sign(address, init)
  const sent = new Uint8Array(await request.arrayBuffer())
  const authorization = request.headers.get('authorization')!
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(authorization) ?? []
  const sentTo = new URL(request.url).host
  const signed = names
    .split(';')
    .filter((name) => !/^x-amz-(date|security-token)$/.test(name))
    .map((name) => [name, name === 'host' ? sentTo : request.headers.get(name)!] as const)
  const payloadHash = isLattice ? 'UNSIGNED-PAYLOAD' : sha256Hex(sent)
  const sentHash = request.headers.get('x-amz-content-sha256')
  if ((sendsHash || isLattice) && sentHash !== payloadHash) {
    throw new Error(`the hash of the body that was sent is ${sentHash}`)
  }
  await same('headers', authorization, request.url, {
    ...one,
    body: sent,
    context: { ...context, payloadHash },
    parts: { ...one.parts, method: request.method, headers: signed },
  })
  // There are no presigned URLs for VPC Lattice.
  if (isLattice) return
  const presigned = await signer.presign(address, { method, expiresInSeconds })
  await same('query', presigned.searchParams.get('X-Amz-Signature')!, presigned.href, {
    ...one,
    body: new Uint8Array(),
    context,
    parts: { ...one.parts, method: method.toUpperCase(), headers: [['host', sentTo]] },
  })
}

async function same(
  form: 'headers' | 'query',
  ours: string,
  address: string,
  one: Case,
): Promise<void> {
  const url = new URL(address)
  if (url.href !== address) throw new Error(`${address} is sent as ${url.href}`)
  const pairs = [...url.searchParams].filter(([key]) => !ADDED.test(key))
  // Smithy cannot express bytes that are not UTF-8.
  if (pairs.flat().some((text) => text.includes('\ufffd'))) return
  const theirs = await smithy.sign(
    { ...one, pairs, parts: { ...one.parts, path: url.pathname } },
    form,
  )
  if (theirs !== ours) throw new Error(`as sent (${form}) it is ${theirs}, not ${ours}: ${address}`)
}

const ADDED = /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)$/
