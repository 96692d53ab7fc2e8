import { createServer } from 'node:http'
import { Sha256 } from '@aws-crypto/sha256-js'
import { startHttp, type RunningServer } from '@iamfetch/testing/servers'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { WebSocketServer, type WebSocket } from 'ws'

type Frame = Record<string, unknown>

/** What a test does with a connection after the handshake. */
export interface AppSyncScript {
  /** Called for each message; `number` is the connection's, from 1. */
  onFrame(frame: Frame, send: (frame: Frame) => void, socket: WebSocket, number: number): void
}

/** A server in the form of AppSync's real-time endpoint. Signatures are verified by AWS's own signer. */
export interface AppSyncServer extends RunningServer {
  /** The access keys of the handshakes whose signature was right, in order. */
  readonly handshakes: readonly string[]
  /** Whether the signature of a message is right. */
  readonly verify: (authorization: Frame, path: string, body: string) => Promise<boolean>
  readonly protocols: readonly string[]
  /** How many connections are open now. */
  readonly open: () => number
}

/** @param secretOf  The secret access key and the session token of an access key. */
export async function startAppSync(
  connectPath: string,
  secretOf: (accessKeyId: string) => { secretAccessKey: string; sessionToken: string },
  script: AppSyncScript,
): Promise<AppSyncServer> {
  const handshakes: string[] = []
  const protocols: string[] = []
  const http = createServer()
  const sockets = new WebSocketServer({
    server: http,
    handleProtocols: (given) => [...given][0] ?? false,
  })

  const verify = async (authorization: Frame, path: string, body: string): Promise<boolean> => {
    const given = new Map(
      Object.entries(authorization).map(([k, v]) => [k.toLowerCase(), String(v)]),
    )
    const [, accessKeyId = '', region = ''] =
      /Credential=(\w+)\/\d+\/([\w-]+)\/appsync\//.exec(given.get('authorization') ?? '') ?? []
    const [, names = ''] = /SignedHeaders=([^,]+)/.exec(given.get('authorization') ?? '') ?? []
    const stamp = given.get('x-amz-date') ?? ''
    const iso = stamp.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')
    const signed = names.split(';').filter((name) => !/^x-amz-(date|security-token)$/.test(name))
    const signer = new SignatureV4({
      service: 'appsync',
      region,
      sha256: Sha256,
      applyChecksum: false,
      credentials: { accessKeyId, ...secretOf(accessKeyId) },
    })
    const request = new HttpRequest({
      method: 'POST',
      protocol: 'https:',
      hostname: given.get('host') ?? '',
      path,
      headers: Object.fromEntries(signed.map((name) => [name, given.get(name) ?? ''])),
      body,
    })
    const { headers } = await signer.sign(request, { signingDate: new Date(iso) })
    return headers['authorization'] === given.get('authorization')
  }

  let connections = 0
  sockets.on('connection', (socket, { headers }) => {
    const number = (connections += 1)
    const send = (frame: Frame): void => socket.send(JSON.stringify(frame))
    const [name = '', header = ''] = (headers['sec-websocket-protocol'] ?? '').split(/, */)
    protocols.push(name)
    const text = Buffer.from(header.replace(/^header-/, ''), 'base64url').toString()
    const authorization = JSON.parse(text) as Frame
    const verified = verify(authorization, connectPath, '{}')
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      void verified.then((isRight) => {
        if (!isRight) return socket.close(4401)
        const [, key = ''] = /Credential=(\w+)/.exec(String(authorization['authorization'])) ?? []
        if (frame['type'] === 'connection_init') handshakes.push(key)
        script.onFrame(frame, send, socket, number)
      })
    })
  })
  const running = await startHttp(http)
  return {
    ...running,
    handshakes,
    verify,
    protocols,
    open: () => sockets.clients.size,
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      await running.stop()
    },
  }
}
