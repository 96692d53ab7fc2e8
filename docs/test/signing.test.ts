import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'
import { compare } from '../.vitepress/theme/comparison.ts'
import { hexOf, hmac } from '../.vitepress/theme/hmac.ts'
import { example, scopeWarnings, signingSteps } from '../.vitepress/theme/signing-steps.ts'

describe('the warnings of the signing page', () => {
  const api = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod'

  test.each([
    ['the published example', example],
    [
      'what the host says',
      { ...example, url: api, region: 'eu-central-1', service: 'execute-api' },
    ],
    ['a custom domain', { ...example, url: 'https://api.example.com/', service: 'execute-api' }],
    ['a URL that is not complete', { ...example, url: 'https:/' }],
  ])('there is none for %s', (_what, fields) => {
    expect(scopeWarnings(fields)).toEqual([])
  })

  test('there is one for the region and one for the service', () => {
    const [region, service, ...more] = scopeWarnings({ ...example, url: api })
    expect(region).toBe(
      'The host abc.execute-api.eu-central-1.amazonaws.com belongs to the region eu-central-1, and the field says us-east-1. AWS refuses such a signature. Write eu-central-1 into the field.',
    )
    expect(service).toContain('belongs to the service execute-api, and the field says iam')
    expect(more).toEqual([])
  })

  test('the signing name of a host may differ from its label', () => {
    const url = 'https://abc.lambda-url.eu-central-1.on.aws/'
    const fields = { ...example, url, region: 'eu-central-1' }
    expect(scopeWarnings({ ...fields, service: 'lambda' })).toEqual([])
    expect(scopeWarnings({ ...fields, service: 'lambda-url' })).toHaveLength(1)
  })
})

describe('the steps of a signature', () => {
  test("AWS's published example gives AWS's published values", () => {
    const steps = signingSteps(example)
    expect(steps.canonicalRequestHash).toBe(
      'f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59',
    )
    expect(steps.keys.at(-1)!.hex).toBe(
      'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
    )
    expect(steps.signature).toBe('5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7')
  })

  test('a signature is the one that AWS code computes for the same request', async () => {
    const signer = new SignatureV4({
      credentials: { accessKeyId: 'ASIA1', secretAccessKey: 's/e+c=', sessionToken: 't/o+k=' },
      region: 'eu-central-1',
      service: 'execute-api',
      sha256: Sha256,
      applyChecksum: false,
    })
    const { headers } = await signer.sign(
      new HttpRequest({
        method: 'PUT',
        hostname: 'api.example.com',
        path: '/a/b%2Fc',
        query: { q: 'x y' },
        headers: { host: 'api.example.com' },
        body: '{"ä":1}',
      }),
      { signingDate: new Date('2030-01-02T03:04:05Z') },
    )
    const steps = signingSteps({
      method: 'PUT',
      url: 'https://api.example.com//a/b%2Fc?q=x+y',
      headers: '',
      body: '{"ä":1}',
      region: 'eu-central-1',
      service: 'execute-api',
      date: '2030-01-02T03:04:05Z',
      accessKeyId: 'ASIA1',
      secretAccessKey: 's/e+c=',
      sessionToken: 't/o+k=',
    })
    expect(Object.fromEntries(steps.headers)['authorization']).toBe(headers['authorization'])
    expect(steps.curl).toContain("'https://api.example.com/a/b%2Fc?q=x%20y'")
  })

  test.each([0, 20, 64, 65, 200])("HMAC with a key of %i bytes is Node's", (length) => {
    const key = new Uint8Array(length).fill(7)
    expect(hexOf(hmac(key, 'tëxt'))).toBe(createHmac('sha256', key).update('tëxt').digest('hex'))
  })

  test("an apostrophe in the body does not end curl's argument", () => {
    const { curl } = signingSteps({ ...example, method: 'POST', body: "it's" })
    expect(curl).toContain(String.raw`--data-raw 'it'\''s'`)
  })

  test('a shell’s curl sends what was signed, whatever the fields hold, and reads no file', async () => {
    const came: IncomingMessage[] = []
    const bodies: string[] = []
    const server = createServer((incoming, outgoing) => {
      came.push(incoming)
      void text(incoming).then((body) => {
        bodies.push(body)
        outgoing.end()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const folder = await mkdtemp(join(tmpdir(), 'iamfetch-docs-'))
    await writeFile(join(folder, 'secret'), 'a secret of the laptop')
    const fields = {
      ...example,
      url: `http://127.0.0.1:${port}/[1-3]/it's/$(touch made)`,
      headers: "x-amz-empty:\nx-amz-meta-a: `touch made` '; touch made; '",
    }
    for (const [method, body] of [
      ['POST', '@secret'],
      ['PUT', '{"a":"$(touch made)"}\n'],
      ['HEAD', ''],
    ] as const) {
      const { curl } = signingSteps({ ...fields, method, body })
      await promisify(execFile)('sh', ['-c', curl], { cwd: folder })
    }
    server.close()
    expect(bodies).toEqual(['@secret', '{"a":"$(touch made)"}\n', ''])
    expect(came.map(({ url }) => url)).toEqual(Array(3).fill("/[1-3]/it's/$(touch%20made)"))
    expect(came.map(({ headers }) => headers['x-amz-empty'])).toEqual(['', '', ''])
    expect(await readdir(folder)).toEqual(['secret'])
    await rm(folder, { recursive: true })
  })

  test.each([
    [{ url: 'example.com' }, /URL is not complete/],
    [{ url: 'https://user:pa55@example.com/' }, /user or a password/],
    [{ url: 'https://example.com/?=v' }, /without a name/],
    [{ headers: 'no colon' }, /name: value/],
    [{ headers: 'Authorization: Bearer eyJ' }, /computed on this page/],
    [{ date: 'yesterday' }, /date/],
    [{ region: '' }, /region/],
    [{ method: 'GET /' }, /method/],
    [{ accessKeyId: 'ASIAEXAMPLE' }, /no "sessionToken"/],
  ])('%j is refused with words that quote no secret', (fields, words) => {
    let message = ''
    try {
      signingSteps({ ...example, ...fields })
    } catch (error) {
      ;({ message } = error as Error)
    }
    expect(message).toMatch(words)
    expect(message).not.toMatch(/pa55|eyJ|wJalr/)
  })
})

describe('the comparison with a gateway', () => {
  const { canonicalRequest: ours } = signingSteps(example)
  const theirs = ours.replace('host:iam.amazonaws.com', 'host:proxy.internal')
  const message = `The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'${theirs}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256'\n`

  test.each([
    ['the canonical request alone', theirs],
    ['the message', message],
    ['the whole body', JSON.stringify({ message })],
    ['the body with a capital M', JSON.stringify({ Message: message })],
    ['line breaks written out', theirs.replaceAll('\n', String.raw`\n`)],
    ["a console's line ends", theirs.replaceAll('\n', '\r\n')],
  ])('%s is understood: one line differs, and a proxy did it', (_name, pasted) => {
    const found = compare(ours, pasted)!
    expect(found.lines.filter(({ same }) => !same)).toEqual([
      { number: 5, ours: 'host:iam.amazonaws.com', theirs: 'host:proxy.internal', same: false },
    ])
    expect(found.differing).toEqual(['header host'])
    expect(found.causes.map(({ responsible }) => responsible)).toEqual(['proxy'])
  })

  test('a header that is there on one side alone does not shift the others', () => {
    const more = ours.replace('host:', 'cookie:a=1\nhost:')
    const found = compare(ours, more)!
    expect(found.lines.filter(({ same }) => !same)).toMatchObject([
      { ours: undefined, theirs: 'cookie:a=1' },
    ])
    expect(compare(more, ours)!.lines.filter(({ same }) => !same)).toMatchObject([
      { ours: 'cookie:a=1', theirs: undefined },
    ])
  })

  test('the same is the same, and nothing is nothing', () => {
    expect(compare(ours, ours)).toMatchObject({ same: true, differing: [] })
    expect(compare(ours, '  ')).toBeUndefined()
  })
})
