import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { startHttp, type RunningServer } from './running-server.ts'

const FUNCTION_HOST = 'abcdefg.lambda-url.eu-central-1.on.aws'
const HASH_OF_NOTHING = createHash('sha256').digest('hex')

/** What reached the function behind the distribution. */
export interface Delivered {
  method: string
  contentType: string | null
  /** Of the bytes of the body. */
  base64: string
  authorization: string | null
}

/**
 * Starts a server that behaves as CloudFront with origin access control in front of a function URL: the distribution signs each
 * request itself, with AWS's signer, and takes the hash of the body from `x-amz-content-sha256` of the client. The function URL
 * checks that signature against the bytes that arrived. `/direct` is the function without either.
 *
 * @see [AWS: origin access control for function URLs](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html)
 */
export function startOriginAccessControl(): Promise<RunningServer> {
  return startHttp(distribution())
}

function distribution(): Server {
  const signer = new SignatureV4({
    service: 'lambda',
    region: 'eu-central-1',
    sha256: Sha256,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'of the distribution' },
  })
  const signed = async (incoming: IncomingMessage, hash: string): Promise<string> => {
    const request = new HttpRequest({
      method: incoming.method ?? 'GET',
      protocol: 'https:',
      hostname: FUNCTION_HOST,
      path: incoming.url ?? '/',
      headers: { host: FUNCTION_HOST, 'x-amz-content-sha256': hash },
    })
    const { headers } = await signer.sign(request, { signingDate: new Date(0) })
    return headers['authorization'] ?? ''
  }
  const isRefused = async (incoming: IncomingMessage, body: Buffer): Promise<boolean> => {
    if (incoming.url === '/direct') return false
    const claimed = incoming.headers['x-amz-content-sha256']
    const arrived = createHash('sha256').update(body).digest('hex')
    const ofDistribution = await signed(incoming, String(claimed ?? HASH_OF_NOTHING))
    return ofDistribution !== (await signed(incoming, arrived))
  }
  return createServer((incoming, outgoing) => {
    outgoing.setHeader('access-control-allow-origin', '*')
    if (incoming.method === 'OPTIONS') {
      outgoing.setHeader('access-control-allow-methods', '*')
      outgoing.setHeader(
        'access-control-allow-headers',
        'authorization, content-type, x-amz-date, x-amz-security-token, x-amz-content-sha256',
      )
      outgoing.end()
      return
    }
    void bodyOf(incoming).then(async (body) => {
      outgoing.setHeader('content-type', 'application/json')
      if (await isRefused(incoming, body)) {
        outgoing.statusCode = 403
        outgoing.end(
          JSON.stringify({ message: 'The request signature we calculated does not match' }),
        )
        return
      }
      const delivered: Delivered = {
        method: incoming.method ?? '',
        contentType: incoming.headers['content-type'] ?? null,
        base64: body.toString('base64'),
        authorization: incoming.headers.authorization ?? null,
      }
      outgoing.end(JSON.stringify(delivered))
    })
  })
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
