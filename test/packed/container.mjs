// The page "Run the stack in a container", without a Docker daemon: a folder with what its Dockerfile puts into an image, and the
// entry point of the image in it, as the image's user.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import { codeBlocks } from '../../scripts/code-blocks.ts'
import { callAsContainer } from './container-calls.mjs'
import { fromTarballs, makeProject } from './project.mjs'
import { run, started } from './process.mjs'
import { result, step, unchecked } from './report.mjs'

/** The user `node` of the official images. */
const IMAGE_USER = 1000

/** Builds the image's folder from a reader's project, checks the compose example, and runs the entry point. */
export async function checkContainer({ path: node }, { folder, packages, root }) {
  step('The stack in a container: the files of the image, without Docker')
  const page = readFileSync(join(root, 'docs/pages/tasks/containers.md'), 'utf8')
  const [dockerfile, ignored] = [...page.matchAll(/^```text\n([^]*?)^```$/gm)].map(
    ([, text]) => text,
  )
  const [, compose = ''] = /^```yaml\n([^]*?)^```$/m.exec(page) ?? []
  const image = readDockerfile(dockerfile)
  checkCompose(parse(compose), image)

  const place = {
    context: join(folder, 'container-context'),
    image: join(folder, 'container-image'),
  }
  makeContext(place.context, { packages, root })
  const version = run(node, ['-p', 'process.versions.node.split(".")[0]'], { cwd: folder, node })
  const isSameNode = image.from.startsWith(`node:${version.out.trim()}-`)
  result(isSameNode, `FROM ${image.from}: tried on Node ${version.out.trim()}`)
  build(image, { ...place, ignored: ignored.split('\n').filter(Boolean), node })
  const user = prepareUser(image, { folder, node })
  for (const allowedName of image.allowed)
    await startAndCall(image, { ...place, user, allowedName })
}

/** Reads the instructions that the page uses. @throws Error for any other. */
function readDockerfile(text) {
  const image = { from: '', steps: [], user: '', exposed: [], command: [] }
  const read = {
    FROM: (rest) => (image.from = rest),
    WORKDIR: () => {},
    COPY: (rest) => image.steps.push({ copy: rest.split(' ') }),
    RUN: (rest) => image.steps.push({ run: rest }),
    USER: (rest) => (image.user = rest),
    EXPOSE: (rest) => (image.exposed = rest.split(' ').map(Number)),
    CMD: (rest) => (image.command = JSON.parse(rest)),
  }
  for (const line of text.trim().split('\n')) {
    const [, instruction, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (!Object.hasOwn(read, instruction)) throw new Error(`The Dockerfile has the line: ${line}`)
    read[instruction](rest)
  }
  const valuesOf = (option) =>
    image.command.filter((_, index) => image.command[index - 1] === option)
  return {
    ...image,
    ports: valuesOf('--port').map(Number),
    allowed: valuesOf('--allow-host'),
    addresses: valuesOf('--host'),
  }
}

/** What the two files say about each other. */
function checkCompose({ services }, { ports: [port], allowed, addresses, exposed, user }) {
  result(user !== '' && user !== 'root', `USER ${user}: not root`)
  result(addresses.join() === '0.0.0.0', 'the entry point listens at every address')
  result(exposed.join() === [port, port + 1].join(), 'EXPOSE names the ports of --port')
  const [name] = Object.keys(services).filter((one) => allowed.includes(one))
  result(name !== undefined, `--allow-host names a service of compose.yaml: ${allowed}`)
  const published = services[name]?.ports ?? []
  result(
    published.join() === exposed.map((one) => `127.0.0.1:${one}:${one}`).join(),
    `compose.yaml publishes them to 127.0.0.1 alone: ${published.join(', ')}`,
  )
  const shared = Object.values(services).flatMap((one) => one.network_mode ?? [])
  result(
    shared.every((mode) => mode === `service:${name}`),
    'the tests share the network of the stack',
  )
}

/** A reader's project: the stack of the page about tests, and its dependencies from tarballs. */
function makeContext(folder, { packages, root }) {
  const page = 'docs/pages/tasks/test.md'
  const { blocks } = codeBlocks(readFileSync(join(root, page), 'utf8'), page)
  makeProject(folder, packages, fromTarballs(packages, ['@iamfetch/local']))
  writeFileSync(join(folder, 'stack.ts'), blocks.find(({ name }) => name === 'stack.ts').code)
}

/** Does what the lines COPY and RUN do. */
function build({ steps }, { context, image, ignored, node }) {
  mkdirSync(image)
  const isSent = (path) => !ignored.some((name) => path === join(context, name))
  for (const { copy, run: line } of steps) {
    if (line !== undefined) {
      const done = run('sh', ['-c', line], { cwd: image, node })
      result(done.fine, `RUN ${line}`, done.all)
      continue
    }
    const [target, ...sources] = copy.toReversed()
    for (const source of sources.toReversed()) {
      cpSync(join(context, source), join(image, target, source), {
        recursive: true,
        filter: isSent,
      })
    }
    const missing = sources.filter((source) => !existsSync(join(image, target, source)))
    result(missing.length === 0, `COPY ${copy.join(' ')}`, missing.join(', '))
  }
}

/**
 * Prepares a user without rights, with a home and a Node of its own, as the image has them.
 *
 * @returns What comes before the command, and the environment.
 */
function prepareUser({ user }, { folder, node }) {
  const home = join(folder, 'container-home')
  const programs = join(folder, 'container-programs')
  for (const one of [home, programs]) mkdirSync(one)
  const ownNode = join(programs, 'node')
  copyFileSync(node, ownNode)
  const env = { HOME: home, PATH: [programs, '/usr/bin', '/bin'].join(delimiter) }
  const isRoot = process.getuid?.() === 0
  const before = isRoot
    ? [
        'setpriv',
        `--reuid=${IMAGE_USER}`,
        `--regid=${IMAGE_USER}`,
        '--clear-groups',
        '--no-new-privs',
      ]
    : []
  if (isRoot && spawnSync('setpriv', ['--version']).status !== 0) {
    unchecked(`USER ${user}`, 'there is no setpriv; the entry point runs as root')
    return { before: [], env, ownNode }
  }
  if (isRoot) {
    chmodSync(folder, 0o755)
    chownSync(home, IMAGE_USER, IMAGE_USER)
  }
  return { before, env, ownNode }
}

/** Starts the entry point, calls it by the names that the page allows and by another one, and stops it as `docker stop` does. */
async function startAndCall(
  { command, ports: [wanted], user: name },
  { image, user, allowedName },
) {
  const port = await freePorts()
  // Those of the page may be taken on this machine.
  const line = command.map((part) => (part === String(wanted) ? String(port) : part))
  const [program, ...args] = [...user.before, ...line]
  const stack = await started(program, args, {
    cwd: image,
    node: user.ownNode,
    env: user.env,
    until: /Ctrl-C ends it/,
  })
  try {
    const text = stack.text()
    result(
      /Open to the network[^]*can sign in[^]*call the APIs[^]*127\.0\.0\.1 alone/.test(text),
      `CMD ${command.join(' ')}`,
      text,
    )
    if (user.before.length > 0) {
      const status = readFileSync(`/proc/${stack.pid}/status`, 'utf8')
      const runsAsUser = new RegExp(`^Uid:\\s+${IMAGE_USER}\\s+${IMAGE_USER}\\s`, 'm').test(status)
      result(runsAsUser, `USER ${name}: the stack runs as user ${IMAGE_USER}`, status)
    }
    await callAsContainer(allowedName, { port, text })
  } finally {
    process.kill(stack.pid, 'SIGTERM')
    // Docker kills a container after ten seconds.
    const outcome = await Promise.race([stack.ended, wait(9_000, 'still runs', { ref: false })])
    if (outcome === 'still runs') await stack.stop()
    const what = 'docker stop: the stack ends by SIGTERM to the entry point alone'
    result(outcome === 0, what, `${outcome}\n${stack.text()}`)
  }
}

/** The first of two free ports. */
async function freePorts() {
  const listen = (port) =>
    new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(undefined))
      server.listen(port, '0.0.0.0', () => {
        const taken = server.address().port
        server.close(() => resolve(taken))
      })
    })
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await listen(0)
    if (port < 65_535 && (await listen(port + 1)) !== undefined) return port
  }
  throw new Error('There are no two free ports next to each other.')
}
