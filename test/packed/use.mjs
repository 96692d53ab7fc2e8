import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { result, step } from './report.mjs'
import { run, started } from './process.mjs'

/** Every name under which something can be imported. */
export const entriesOf = (packages) =>
  [...packages].flatMap(([name, { manifest }]) =>
    Object.keys(manifest.exports)
      .filter((path) => path !== './package.json')
      .map((path) => name + path.slice(1)),
  )

/**
 * Entries that only work inside the test runner that they are for, and those of @iamfetch/cdk, whose peers (the CDK) are larger than all
 * other packages together: `npm run check:infra` imports them, and `types` below checks their declarations.
 */
const NEEDS_MORE = ['@iamfetch/local/playwright', '@iamfetch/local/vitest', '@iamfetch/cdk']

/** On one Node: every import, the lines of the README, the programs. */
export async function useOn({ name, path: node }, { project, packages, root }) {
  const version = run(node, ['-p', 'process.versions.node'], { cwd: project, node }).out.trim()
  step(`Used on Node ${version}`)
  const [major, minor] = version.split('.').map(Number)

  const entries = entriesOf(packages).filter((entry) => !NEEDS_MORE.includes(entry))
  const imports = `const empty = []
for (const name of ${JSON.stringify(entries)}) {
  const found = Object.keys(await import(name))
  if (found.length === 0) empty.push(name)
}
if (empty.length) throw new Error('nothing is exported: ' + empty)`
  const imported = run(node, ['--input-type=module', '-e', imports], { cwd: project, node })
  const warned = /warn/i.test(imported.all)
  result(
    imported.fine && !warned,
    `${entries.length} imports, all but ${NEEDS_MORE.length} of ${packages.size} packages`,
    imported.all,
  )

  // As a CommonJS project does; Node 20.19 and 22.12 were the first that can.
  const requires = `for (const name of ${JSON.stringify(entries)}) require(name)`
  const required = run(node, ['--input-type=commonjs', '-e', requires], { cwd: project, node })
  result(
    required.fine && !/warn/i.test(required.all),
    `${entries.length} times require`,
    required.all,
  )

  const stack = await started('npx', ['--offline', '@iamfetch/local', '--json', '--no-reload'], {
    cwd: project,
    node,
    until: /^\{.*\n/m,
  })
  try {
    const told = JSON.parse(
      stack
        .text()
        .split('\n')
        .find((line) => line.startsWith('{')),
    )
    const file = join(project, `readme-${name}.mjs`)
    writeFileSync(file, readmeLines(root, told))
    const done = run(node, [file], { cwd: project, node })
    result(
      done.fine && done.out.includes('200 {"youCalled":"POST /test"'),
      "the README's lines, against npx @iamfetch/local",
      done.all,
    )
    const env = { XDG_RUNTIME_DIR: '/nowhere', IAMFETCH_PASSWORD: told.users.bob.password }
    const sign = ['--offline', 'iamfetch', 'sign', '--stack', told.config.endpoints.cognitoIdp]
    const signed = run('npx', [...sign, '--user', 'bob', 'POST', '/test'], {
      cwd: project,
      node,
      env,
    })
    const curl = run('sh', ['-c', signed.out], { cwd: project, node })
    result(
      curl.out.startsWith('HTTP/1.1 403'),
      'npx iamfetch sign … | sh, as bob',
      signed.all + curl.all,
    )
    const explained = run('npx', ['--offline', 'iamfetch', 'explain'], {
      cwd: project,
      node,
      input: curl.out,
    })
    result(
      explained.fine && explained.out.includes('ImplicitDeny'),
      'npx iamfetch explain',
      explained.all,
    )
  } finally {
    await stack.stop()
  }

  const whoami = run('npx', ['--offline', 'iamfetch', 'whoami', 'a.b.c'], {
    cwd: project,
    node,
  })
  result(whoami.status === 2, 'npx iamfetch whoami, with a text that is not a token', whoami.all)

  await checkReload(node, project)

  const typed = join(project, 'typed.ts')
  writeFileSync(
    typed,
    `import { defineStack } from '@iamfetch/local'\nconst type: 'http' = 'http'\nexport default defineStack({ apis: { typed: { type, routes: { 'GET /': { auth: 'none', handler: () => 1 } } } } })\n`,
  )
  const runsTypes = major > 22 || (major === 22 && minor >= 18)
  if (runsTypes) {
    const running = await started('node_modules/.bin/iamfetch-local', ['typed.ts'], {
      cwd: project,
      node,
      until: /API typed[^]*Ctrl-C ends it/,
    })
    result((await running.stop()) === 0, 'a definition in TypeScript, ended by Ctrl-C with 0')
  } else {
    const refused = run('npx', ['--offline', 'iamfetch-local', 'typed.ts'], { cwd: project, node })
    result(
      refused.status === 1 && refused.all.includes('npx -p node@24'),
      'a definition in TypeScript is refused, with what to do',
      refused.all,
    )
  }
}

/** A definition that imports a module starts again when that module changes, on Nodes with either kind of hooks. */
async function checkReload(node, project) {
  const routes = join(project, 'routes.mjs')
  writeFileSync(routes, `export default ['GET /before']\n`)
  writeFileSync(
    join(project, 'stack.mjs'),
    `import routes from './routes.mjs'
const route = { auth: 'none', handler: async () => 1 }
export default { apis: { a: { type: 'http', routes: Object.fromEntries(routes.map((key) => [key, route])) } } }\n`,
  )
  const running = await started('node_modules/.bin/iamfetch-local', ['stack.mjs'], {
    cwd: project,
    node,
    until: /Ctrl-C ends it/,
  })
  try {
    const [, url] = /API a\n {2}(\S+)/.exec(running.text()) ?? []
    writeFileSync(routes, `export default ['GET /after']\n`)
    const giveUpAt = Date.now() + 20_000
    let status
    while (status !== 200 && Date.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      status = await fetch(`${url}/after`).then(
        (response) => response.status,
        () => 0,
      )
    }
    result(
      status === 200,
      'a change in what the definition imports, at the same port',
      running.text(),
    )
  } finally {
    await running.stop()
  }
}

/** The first block of the root README, word for word but for the two places that name AWS resources. */
function readmeLines(root, { config, users }) {
  const [, block = ''] =
    /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  const replaced = (text, pattern, by) => {
    if (!pattern.test(text)) throw new Error(`the README has no ${pattern}`)
    return text.replace(pattern, by)
  }
  let lines = replaced(
    block,
    /identityPoolId: '[^']+',/,
    `identityPoolId: '${config.identityPoolId}', endpoint: '${config.endpoints.cognitoIdentity}',`,
  )
  lines = replaced(
    lines,
    /baseUrl: '[^']+',/,
    `baseUrl: '${config.apis.test.url}', region: '${config.region}',`,
  )
  return `import { Amplify } from 'aws-amplify'
import { signIn } from 'aws-amplify/auth'
Amplify.configure({ Auth: { Cognito: {
  userPoolId: '${config.userPoolId}', userPoolClientId: '${config.userPoolClientId}', userPoolEndpoint: '${config.endpoints.cognitoIdp}' } } })
await signIn({ username: 'alice', password: '${users.alice.password}' })
${lines}
console.log(response.status, await response.text())
`
}

/** How large the local stack is when it is all that is installed, and how soon it is there. */
export async function measureLocal({ path: node }, project) {
  step('The local stack alone')
  const bytes = Number(
    execFileSync('du', ['-sb', join(project, 'node_modules')])
      .toString()
      .split('\t')[0],
  )
  result(bytes <= 10e6, `installed: ${(bytes / 1e6).toFixed(1)} MB (10 at most)`)
  const times = []
  for (let i = 0; i < 10; i++) {
    const at = performance.now()
    const stack = await started(node, ['node_modules/@iamfetch/local/dist/cli.js', '--json'], {
      cwd: project,
      node,
      until: /^\{.*\n/m,
    })
    times.push(performance.now() - at)
    await stack.stop()
  }
  const best = Math.min(...times)
  const all = times.map((ms) => Math.round(ms)).join(', ')
  result(
    best <= 500,
    `there after ${Math.round(best)} ms, from the start of the process (500 at most; all: ${all})`,
  )
}
