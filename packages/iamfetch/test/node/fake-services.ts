import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** One request that a fake service received. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What a fake service responds. */
export interface Reply {
  readonly status?: number
  readonly body?: string
  readonly headers?: Record<string, string>
  /** Never responds. */
  readonly hang?: boolean
  /** Sends the body in many small pieces, one after the other. */
  readonly slow?: boolean
}

/** A service on loopback that both our providers and those of the AWS SDK are pointed at. */
export interface FakeService {
  readonly url: string
  readonly received: Received[]
  readonly close: () => Promise<void>
}

export async function startFakeService(reply: (request: Received) => Reply): Promise<FakeService> {
  const received: Received[] = []
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const request: Received = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      }
      received.push(request)
      const { status = 200, body = '', headers = {}, hang, slow } = reply(request)
      if (hang) return
      outgoing.writeHead(status, headers)
      if (slow) void sendSlowly(body, outgoing)
      else outgoing.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function sendSlowly(body: string, outgoing: ServerResponse): Promise<void> {
  for (let at = 0; at < body.length; at += 7) {
    outgoing.write(body.slice(at, at + 7))
    await turn()
  }
  outgoing.end()
}

/** Expiry of every document of the fake services. */
export const EXPIRY = '2099-01-01T00:00:00Z'

/** The document that ECS, EKS and EC2 return. */
export const credentialsDocument = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    Code: 'Success',
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 'secret-of-the-role',
    Token: 'token-of-the-role',
    Expiration: EXPIRY,
    ...changes,
  })

/** The XML that STS returns for both operations. */
export const stsResponse = (
  operation: string,
): string => `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${operation}Result>
    <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/Demo/me</Arn><AssumedRoleId>AROA:me</AssumedRoleId></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
      <SecretAccessKey>secret-of-the-role</SecretAccessKey>
      <SessionToken>token-of-the-role</SessionToken>
      <Expiration>${EXPIRY}</Expiration>
    </Credentials>
  </${operation}Result>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</${operation}Response>`

/** The XML of an error of STS. */
export const stsError = (code: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`
