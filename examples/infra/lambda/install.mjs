// Installs AWS's runtime interface client, which starts functions as Lambda does. Its HTTP client is native and is
// compiled here, which needs cmake, a C++ compiler and Node's headers. Without them native-stand-in.cjs takes its place.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folder = import.meta.dirname
const installed = join(folder, 'node_modules/aws-lambda-ric')
const native = join(installed, 'rapid-client.node')
const stamp = join(folder, 'node_modules/.installed')
const manifest = readFileSync(join(folder, 'package.json'), 'utf8')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== manifest) {
  console.log(
    "Installing AWS's runtime interface client (once; compiling it takes about a minute) ...",
  )
  const include = [dirname(dirname(process.execPath)), '/usr', '/usr/local'].find((root) =>
    existsSync(join(root, 'include/node/node_api.h')),
  )
  // Node-API does not change between versions of Node, so headers of another version will do.
  const compiled = npmInstall([], include && { npm_config_nodedir: include })
  if (!compiled && !npmInstall(['--ignore-scripts'])) {
    console.error('npm install failed in examples/infra/lambda; its output above says why.')
    process.exit(1)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, manifest)
}
console.log(
  existsSync(native)
    ? "Functions are started by AWS's runtime interface client."
    : "Functions are started by AWS's runtime interface client; its native HTTP client could not be compiled here (cmake, a C++ compiler and Node's headers are needed), and lambda/native-stand-in.cjs replaces it.",
)

function npmInstall(args, env = {}) {
  const options = ['--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', ...args]
  const { status } = spawnSync('npm', ['install', ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', args.length > 0 ? 'inherit' : 'ignore'],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  return status === 0
}
