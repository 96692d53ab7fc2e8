// `npm install iamfetch` alone: signing, the exchange, calls, hooks and the command, in the kinds of projects that people have.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { chromium } from 'playwright'
import { fromTarballs, makeProject } from './project.mjs'
import { compilerOf, run, started } from './process.mjs'
import { result, step } from './report.mjs'

/** What `npm install iamfetch` brings along. */
const ONE = ['iamfetch', '@iamfetch/core', '@iamfetch/sigv4', '@iamfetch/cognito']

/** Creates an empty project for each kind, installs, and calls a local stack from it. */
export async function checkOneInstall(engines, { folder, packages, root }) {
  step(`One install: ${ONE.join(', ')}`)
  const [oldest, newest] = engines
  const stackCommand = [join(root, 'packages/local/dist/cli.js'), '--json', '--no-reload']
  const stack = await started(newest.path, stackCommand, {
    cwd: root,
    node: newest.path,
    until: /^\{.*\n/m,
  })
  try {
    const line = stack
      .text()
      .split('\n')
      .find((one) => one.startsWith('{'))
    const place = { folder, packages, root, stack: JSON.parse(line) }
    for (const engine of [oldest, newest]) checkNode(engine, place)
    checkJest(newest, place)
    await checkVite(newest, place)
  } finally {
    await stack.stop()
  }
}

const IMPORTED = '{ cognitoCredentials, createIamFetch, createSigner }'
const EXPECTED = '200 200 403 AWS4-HMAC-SHA256'

/** The body of a program: signs in, exchanges, calls as both users and signs a request by hand. */
const program = ({ config, users }) => `
const stack = ${JSON.stringify({ config, users })}
async function signIn(name) {
  const response = await fetch(stack.config.endpoints.cognitoIdp, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: stack.config.userPoolClientId,
      AuthParameters: { USERNAME: stack.users[name].username, PASSWORD: stack.users[name].password },
    }),
  })
  return (await response.json()).AuthenticationResult.IdToken
}
const { region } = stack.config
const baseUrl = stack.config.apis.test.url
async function credentialsOf(name) {
  const idToken = await signIn(name)
  return cognitoCredentials({
    identityPoolId: stack.config.identityPoolId,
    endpoint: stack.config.endpoints.cognitoIdentity,
    idToken: async () => idToken,
  })
}
async function main() {
  const [alice, bob] = [await credentialsOf('alice'), await credentialsOf('bob')]
  const asAlice = createIamFetch({ baseUrl, region, credentials: alice })
  const asBob = createIamFetch({ baseUrl, region, credentials: bob })
  const statuses = [
    (await asAlice('/test', { method: 'POST', body: '{}' })).status,
    (await asBob('/test')).status,
    (await asBob('/test', { method: 'POST', body: '{}' })).status,
  ]
  const signed = await createSigner({ credentials: alice, region }).sign(baseUrl + '/test')
  return statuses.join(' ') + ' ' + String(signed.headers.get('authorization')).split(' ')[0]
}
`
const PRINT = 'main().then(console.log)\n'

function checkNode({ name, path: node }, { folder, packages, stack }) {
  const project = join(folder, `one-${name}`)
  makeProject(project, packages, fromTarballs(packages, ONE))
  const version = run(node, ['-p', 'process.versions.node'], { cwd: project, node }).out.trim()
  const ran = (file, what) => {
    const done = run(node, [file], { cwd: project, node })
    result(
      done.out.trim() === EXPECTED && !/warn/i.test(done.all),
      `Node ${version}, ${what}`,
      done.all,
    )
  }
  const write = (file, text) => writeFileSync(join(project, file), text)

  write('main.mjs', `import ${IMPORTED} from 'iamfetch'\n${program(stack)}${PRINT}`)
  ran('main.mjs', 'ES module')
  write('main.cjs', `const ${IMPORTED} = require('iamfetch')\n${program(stack)}${PRINT}`)
  ran('main.cjs', 'CommonJS')

  mkdirSync(join(project, 'compiled'), { recursive: true })
  write('compiled/package.json', '{ "type": "commonjs" }')
  const typed = program(stack).replaceAll('(name) {', "(name: 'alice' | 'bob') {")
  write('compiled/main.ts', `import ${IMPORTED} from 'iamfetch'\n${typed}${PRINT}`)
  const options = ['--module', 'commonjs', '--moduleResolution', 'node10', '--target', 'es2022']
  const args = [compilerOf('5.9'), ...options, '--strict', 'compiled/main.ts']
  const compiled = run(process.execPath, args, { cwd: project })
  result(compiled.fine, 'TypeScript 5.9, module commonjs, declarations checked', compiled.all)
  ran('compiled/main.js', 'TypeScript compiled to CommonJS')

  const whoami = run('npx', ['--offline', 'iamfetch', 'whoami', '--help'], { cwd: project, node })
  result(whoami.fine && whoami.out.startsWith('iamfetch whoami'), 'npx iamfetch', whoami.all)
}

/** Jest, with the configurations of the page on tests, word for word. */
function checkJest({ path: node }, { folder, packages, root, stack }) {
  const project = join(folder, 'one-jest')
  const jest = { jest: '30.2.0', '@babel/plugin-transform-modules-commonjs': '7.27.1' }
  makeProject(project, packages, { ...fromTarballs(packages, ONE), ...jest })
  const page = readFileSync(join(root, 'docs/pages/tasks/test.md'), 'utf8')
  const kinds = [
    ['jest.config.cjs', 'cjs', `const ${IMPORTED} = require('iamfetch')\n`, ''],
    ['jest.config.mjs', 'mjs', `import ${IMPORTED} from 'iamfetch'\n`, '--experimental-vm-modules'],
  ]
  for (const [config, extension, first, NODE_OPTIONS] of kinds) {
    const [, text] = new RegExp(`^\`\`\`ts\\n// ${config}\\n([^]*?)^\`\`\``, 'm').exec(page) ?? []
    if (!text) throw new Error(`docs/pages/tasks/test.md has no ${config}`)
    const own = join(project, extension)
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, config), text)
    writeFileSync(
      join(own, `calls.test.${extension}`),
      `${first}${program(stack)}test('calls', async () => { expect(await main()).toBe('${EXPECTED}') })\n`,
    )
    // A CommonJS project, for the default of Jest.
    writeFileSync(join(own, 'package.json'), '{ "private": true }')
    const jestScript = join(project, 'node_modules/jest/bin/jest.js')
    const args = [
      jestScript,
      '--testTimeout=60000',
      '--config',
      config,
      ...(extension === 'cjs' ? ['--testMatch', '**/*.test.cjs'] : []),
    ]
    const done = run(node, args, { cwd: own, node, env: { NODE_OPTIONS } })
    result(done.fine && /Tests: +1 passed/.test(done.all), `Jest 30, ${config}`, done.all)
  }
}

/** An empty React project of Vite: builds, and calls in a browser through the hooks. */
async function checkVite({ path: node }, { folder, packages, stack }) {
  const project = join(folder, 'one-vite')
  const vite = {
    '@vitejs/plugin-react': '6.3.0',
    react: '19.3.1',
    'react-dom': '19.3.1',
    vite: '8.3.8',
  }
  makeProject(project, packages, { ...fromTarballs(packages, ONE), ...vite })
  const write = (file, text) => writeFileSync(join(project, file), text)
  write(
    'vite.config.js',
    `import react from '@vitejs/plugin-react'\nexport default { plugins: [react()] }\n`,
  )
  write(
    'index.html',
    '<!doctype html><div id="root"></div><script type="module" src="/main.jsx"></script>',
  )
  write(
    'main.jsx',
    `import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import ${IMPORTED} from 'iamfetch'
import { IamProvider, useCredentialStatus, useIamFetch } from 'iamfetch/react'
${program(stack)}
function Page() {
  const iamFetch = useIamFetch()
  const { state } = useCredentialStatus()
  const [status, setStatus] = useState(0)
  useEffect(() => void iamFetch('/test').then((response) => setStatus(response.status)), [iamFetch])
  return <p>{status} {state}</p>
}
const credentials = await credentialsOf('alice')
const iamFetch = createIamFetch({ baseUrl, region, credentials })
document.title = await main()
createRoot(document.getElementById('root')).render(
  <IamProvider fetch={iamFetch} credentials={credentials}><Page /></IamProvider>,
)
`,
  )
  const built = run('npx', ['--offline', 'vite', 'build'], { cwd: project, node })
  result(built.fine && !/warn/i.test(built.all), 'Vite and React: the page builds', built.all)
  const { url, close } = await serve(join(project, 'dist'))
  const executablePath = await findChromium()
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: chromiumFlags,
  })
  try {
    const page = await browser.newPage()
    const said = []
    page.on('pageerror', (error) => said.push(String(error)))
    await page.goto(url)
    await page
      .getByText('200 ready')
      .waitFor({ timeout: 20_000 })
      .catch((error) => said.push(String(error)))
    const title = await page.title()
    result(
      said.length === 0 && title === EXPECTED,
      'Vite and React: hooks and calls in Chromium',
      [title, await page.content(), ...said].join('\n'),
    )
  } finally {
    await browser.close()
    close()
  }
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' }

/** Serves the files of a folder at a free port of the loopback interface. */
async function serve(folder) {
  const server = createServer((request, response) => {
    const file = request.url === '/' ? '/index.html' : request.url
    try {
      const content = readFileSync(join(folder, file))
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' })
      response.end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}
