import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort, onPath, startServer } from './server-process.ts'

/** A DynamoDB on this machine. */
export interface DynamoDBServer {
  /** Which implementation it is. */
  readonly name: 'DynamoDB Local' | 'dynalite'
  readonly port: number
  stop(): Promise<unknown>
}

const VERSION = '2.5.2'
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))

/**
 * Starts dynalite (Apache-2.0, from npm, on loopback): the DynamoDB that is there on every machine.
 */
export async function startDynalite(): Promise<DynamoDBServer> {
  const { default: dynalite } = await import('dynalite')
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    name: 'dynalite',
    port: typeof address === 'object' && address ? address.port : 0,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(resolve)
      }),
  }
}

/**
 * Starts AWS's own DynamoDB Local, in memory.
 *
 * Maven brings it (51 MB, once, into `node_modules/.cache`) where `java` and `mvn` are on PATH. Its licence
 * allows its use for development and tests and is not an open source licence: it is never committed or passed on.
 * It listens on every interface and has no option for another; it contains only what a test writes.
 *
 * @returns The server, or a text that says why there is none.
 */
export async function startDynamoDBLocal(): Promise<DynamoDBServer | string> {
  const [java, mvn] = [onPath('java'), onPath('mvn')]
  if (!java || !mvn) return `${java ? 'mvn' : 'java'} is not on PATH`
  const folder = join(CACHE, `dynamodb-local-${VERSION}`)
  try {
    if (!existsSync(folder)) await download(mvn, folder)
    const port = await freePort()
    // It unpacks a library, and does not remove it.
    const unpacked = await mkdtemp(join(tmpdir(), 'iamfetch-dynamodb-local-'))
    const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'
    const flags = ['-inMemory', '-disableTelemetry', '-port', String(port)]
    const classes = [`-Djava.io.tmpdir=${unpacked}`, '-cp', join(folder, '*'), main]
    const server = await startServer(java, [...classes, ...flags], port)
    const stop = async (): Promise<void> => {
      await server.stop()
      await rm(unpacked, { recursive: true, force: true })
    }
    return { name: 'DynamoDB Local', port, stop }
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0]! : String(error)
  }
}

async function download(mvn: string, folder: string): Promise<void> {
  const work = `${folder}-${process.pid}`
  await mkdir(work, { recursive: true })
  await writeFile(join(work, 'pom.xml'), POM)
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib']
  try {
    await promisify(execFile)(mvn, args, { cwd: work, timeout: 90_000 })
    // Another run may have been here first.
    if (!existsSync(folder)) await rename(join(work, 'lib'), folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>test</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`
