import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { readPasted } from '../../src/cli/pasted.ts'
import { textOf } from '../../src/cli/text.ts'
import { iamfetch } from './run-cli.ts'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

const DENIED = `HTTP/2 403
date: Sat, 21 Nov 2026 10:00:00 GMT
content-type: application/json
x-amzn-requestid: 0b3f
x-amzn-errortype: AccessDeniedException
x-amz-apigw-id: abc=

{"Message":"User: arn:aws:sts::123456789012:assumed-role/ReadOnlyAccessRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:a1b2c3d4e5/prod/POST/test"}`

describe('what curl -v printed', () => {
  const printed = (first: string): string =>
    `> ${first} HTTP/1.1\n> Host: x.example\n> Content-Length: 3\n>\n< HTTP/1.1 403 Forbidden\n<\n{}`

  it('of a GET with a body is read without it', () => {
    expect(readPasted(printed('GET /a?X-Amz-Signature=%2')).request?.url).toBe(
      'http://x.example/a?X-Amz-Signature=%2',
    )
  })

  it('with a method that fetch cannot send is an error that names it', () => {
    expect(() => readPasted(printed('CONNECT /a'))).toThrow(
      'with the method CONNECT cannot be sent',
    )
  })
})

describe('iamfetch explain', () => {
  it('explains from stdin which role was denied what, and which statement is missing', async () => {
    const { code, out, err } = await iamfetch(['explain'], { stdin: DENIED })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^403 ACCESS_DENIED\n/)
    expect(out).toContain('The role ReadOnlyAccessRole is not allowed to call POST /test.')
    expect(out).toContain('Where to look\n  the IAM policy of the role\n')
    expect(out).toContain(
      '"Resource":"arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/POST/test"',
    )
    expect(out).not.toContain('\u001B[')
  })

  it('lets a response do nothing to the terminal', async () => {
    const evil = DENIED.replace('ReadOnlyAccessRole', String.raw`Read\u001b]0;mine\u0007Role`)
    const { code, out } = await iamfetch(['explain'], { stdin: evil })
    expect(code).toBe(0)
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\0-\x08\x0B-\x1F\x7F-\x9F]/)
  })

  it.each([
    [['--url', 'https://bob:hunter2@x.example/'], 'The URL contains a user or a password.'],
    [['--url', 'bob:hunter2@x.example'], 'The text is not an absolute URL.'],
    [['--url', 'https://x.example/', '--method', 'G T'], 'G T is not an HTTP method.'],
    [['--url', 'https://x.example/', '--method', 'TRACE'], 'with the method TRACE cannot be sent'],
  ])('says what is wrong with the request, and no password: %j', async (args, message) => {
    const { code, out, err } = await iamfetch(['explain', ...args], { stdin: DENIED })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).not.toContain('hunter2')
  })

  it('reads a file, and says in JSON that another role was expected', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'iamfetch-cli-'))
    const file = join(folder, 'response.txt')
    await writeFile(file, DENIED.replaceAll('\n', '\r\n'))
    const { code, out } = await iamfetch(['explain', file, '--role', 'FullAccessRole', '--json'])
    await rm(folder, { recursive: true })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      status: 403,
      code: 'ACCESS_DENIED',
      responsible: 'session',
      api: 'rest',
      role: { assumed: 'ReadOnlyAccessRole', expected: 'FullAccessRole' },
    })
  })

  it('reads what curl -v prints, and rules out reasons by the request', async () => {
    const text = `* Connected to a1.execute-api.eu-central-1.amazonaws.com port 443
* SSL connection using TLSv1.3
> GET /test HTTP/2
> Host: a1.execute-api.eu-central-1.amazonaws.com
> authorization: AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261121/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab
> x-amz-date: 20261121T095900Z
> x-amz-security-token: SECRET-SESSION-TOKEN
>
< HTTP/2 403
< date: Sat, 21 Nov 2026 10:00:00 GMT
< apigw-requestid: Bx=
<
{ [23 bytes data]
{"message":"Forbidden"}
* Connection #0 to host a1.execute-api.eu-central-1.amazonaws.com left intact`
    const { code, out } = await iamfetch(['explain'], { stdin: text })
    expect(code).toBe(0)
    expect(out).toContain('The request was signed for us-east-1, but the host is in eu-central-1.')
    expect(out).toContain('The time fits')
    expect(out).not.toContain('SECRET-SESSION-TOKEN')
  })

  it.each([
    ['{"message":"Forbidden"}', '403 FORBIDDEN', 'access log'],
    ['{"Message":"Missing Authentication Token"}\n', '403 AUTH_MISSING', 'Check stage, path'],
    [DENIED.split('\n\n')[1]!, '403 ACCESS_DENIED', 'Let a policy of the role ReadOnlyAccessRole'],
    ['User: a is not authorized to perform: x on resource: y', '403 ACCESS_DENIED', 'policy'],
    ['{"message":"Unauthorized"}', '401 UNAUTHORIZED', 'createTokenFetch'],
    ['{"message":"Not Found"}', '404 REQUEST_INVALID', 'Check method, path and stage'],
    [
      "Access to fetch at 'https://a1.execute-api.eu-central-1.amazonaws.com/x' from origin 'http://localhost:5173' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header",
      'HIDDEN_BY_CORS',
      'DEFAULT_4XX',
    ],
    ['TypeError: Failed to fetch', 'NETWORK_OR_CORS', 'allowHeaders authorization'],
  ])(
    'takes what a browser shows, and says what it took it for: %s',
    async (stdin, first, change) => {
      const { code, out, err } = await iamfetch(['explain'], { stdin })
      expect(code).toBe(0)
      expect(out.split('\n')[0]).toBe(first)
      expect(out).toContain(change)
      expect(err).toMatch(/input is read as/)
    },
  )

  it.each([
    [
      'Windows PowerShell 5.1',
      'Invoke-WebRequest : {"message":"Missing Authentication Token"}\r\nAt line:1 char:1\r\n+ Invoke-WebRequest https://a1.execute-api.eu-central-1.amazonaws.com/x\r\n+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~\r\n    + CategoryInfo          : InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [Invoke-WebRequest], WebException\r\n    + FullyQualifiedErrorId : WebCmdletWebResponseException,Microsoft.PowerShell.Commands.InvokeWebRequestCommand\r\n',
      '403 AUTH_MISSING',
    ],
    [
      'PowerShell 7',
      '\u001B[31;1mInvoke-RestMethod: \u001B[0m\r\n\u001B[36;1mLine |\u001B[0m\r\n   1 |  Invoke-RestMethod https://a1.execute-api.eu-central-1.amazonaws.com/x\r\n     |  ~~~~~~~~~~~~~~~~~\r\n     | {"message":"Missing Authentication Token"}\r\n',
      '403 AUTH_MISSING',
    ],
    [
      'PowerShell that hides the body',
      'Invoke-WebRequest: Response status code does not indicate success: 403 (Forbidden).',
      '403 UNKNOWN',
    ],
    [
      'PowerShell that runs curl.exe -i',
      'curl.exe : HTTP/1.1 403 Forbidden\r\nAt line:1 char:1\r\n+ curl.exe -i https://x\r\n+ ~~~~~~~~~~~\r\n    + CategoryInfo          : NotSpecified: (HTTP/1.1 403 Forbidden:String) [], RemoteException\r\n    + FullyQualifiedErrorId : NativeCommandError\r\nx-amzn-errortype: ForbiddenException\r\n\r\n{"message":"Forbidden"}',
      '403 FORBIDDEN',
    ],
  ])('reads what %s prints', async (_, stdin, first) => {
    const { code, out } = await iamfetch(['explain'], { stdin })
    expect([code, out.split('\n')[0]]).toEqual([0, first])
  })

  it('reads the UTF-16 that PowerShell writes into files', () => {
    const text = 'HTTP/1.1 403 Forbidden'
    const little = Buffer.from(text, 'utf16le')
    const big = Buffer.from(little).swap16()
    for (const bytes of [
      Buffer.from(text),
      little,
      big,
      Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
    ]) {
      expect(textOf(bytes)).toBe(text)
    }
  })

  it('names the header of a console message and prints the setting', async () => {
    const stdin =
      "Access to fetch at 'https://a1.execute-api.eu-central-1.amazonaws.com/x' from origin 'http://localhost:5173' has been blocked by CORS policy: Request header field x-amz-security-token is not allowed by Access-Control-Allow-Headers in preflight response."
    const { out } = await iamfetch(['explain'], { stdin })
    expect(out).toContain('Add x-amz-security-token to the allowed headers of the API.')
    expect(out).toContain(
      'AllowHeaders: [authorization, content-type, x-amz-date, x-amz-security-token]',
    )
  })

  it('holds a URL that is given against a body alone, too', async () => {
    const stdin = '{"Message":"Forbidden"}'
    const url = 'https://abc.lambda-url.eu-central-1.on.aws/'
    const [told, wrong] = await Promise.all([
      iamfetch(['explain', '--json', '--url', url], { stdin }),
      iamfetch(['explain', '--url', 'https://bob:hunter2@x.example/'], { stdin }),
    ])
    expect(JSON.parse(told.out)).toMatchObject({ status: 403, api: 'lambda-url' })
    expect([wrong.code, wrong.err.includes('hunter2')]).toEqual([2, false])
  })

  it('takes the last of several responses', () => {
    const { response } = readPasted(
      'HTTP/1.1 100 Continue\n\nHTTP/1.1 200 Connection established\n\nHTTP/1.1 429 Too Many\nretry-after: 3\n\n{}\n',
    )
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3'])
  })

  it('does not hold a body that it has not seen against the signature', async () => {
    const text = `> POST /test HTTP/1.1
> Host: a1.execute-api.eu-central-1.amazonaws.com
> Content-Length: 5
> authorization: AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261121/eu-central-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab
> x-amz-date: 20261121T095900Z
< HTTP/1.1 403
< x-amzn-errortype: InvalidSignatureException
{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\\n\\nThe Canonical String for this request should have been\\n'POST\\n/test\\n\\nhost:a1.execute-api.eu-central-1.amazonaws.com\\nx-amz-date:20261121T095900Z\\n\\nhost;x-amz-date\\n2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'\\n\\nThe String-to-Sign should have been\\n'x'\\n"}`
    const { out } = await iamfetch(['explain', '--json'], { stdin: text })
    const { code, differences } = JSON.parse(out)
    expect([code, differences]).toEqual(['SIGNATURE_MISMATCH', undefined])
  })

  it.each([
    [[], 'It does not work.', 'There is no status line.'],
    [[], '{"error":"no"}', 'There is no status line.'],
    [['/no/such/file'], '', 'There is no file /no/such/file.'],
    [['--url', 'test'], DENIED, 'test is not an absolute URL.'],
    [['--loud'], DENIED, "Unknown option '--loud'"],
  ])('says in words what is wrong with %j', async (args, stdin, message) => {
    const { code, out, err } = await iamfetch(['explain', ...args], { stdin })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`iamfetch: ${message}`)
    expect(err).not.toContain('    at ')
  })

  it('lists the commands, and ends with 2 where none is named', async () => {
    const [help, nothing, unknown] = await Promise.all(
      [['--help'], [], ['explane']].map((args) => iamfetch(args)),
    )
    expect([help!.code, nothing!.code, unknown!.code]).toEqual([0, 2, 2])
    expect(help!.out).toMatch(/explain .*\n +whoami .*\n +sign /)
    expect(unknown!.err).toContain('There is no command explane.')
  })
})
