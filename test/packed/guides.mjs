import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { codeBlocks } from '../../scripts/code-blocks.ts'
import { findFiles } from '../../scripts/files.ts'
import { fromTarballs, makeProject } from './project.mjs'
import { run, started } from './process.mjs'
import { result, step, unchecked } from './report.mjs'
import { SHELL_LINES, shellLinesOf } from './shell-lines.ts'
import { createFromTarballs } from './template.mjs'

/** Runs the shell lines of the guides in a project from tarballs, as their readers do. */
export async function followGuides({ path: node }, { project, packages, root }) {
  const page = (name) => readFileSync(join(root, 'docs/pages', `${name}.md`), 'utf8')
  step('The guides: a project to follow them in')
  const folder = createFromTarballs(node, { project, packages, name: 'guides-app' })
  const shell = (line, options = {}) => run('sh', ['-c', line], { cwd: folder, node, ...options })

  step('The guides: what npm installs')
  lookUpPackages({ node, project, packages, root })

  step('The guides: Run it in CI')
  const tested = makeTestedProject({ node, folder: join(project, '../guides-ci'), packages, root })
  for (const [job, lines] of Object.entries(jobsOf(page('tasks/ci')))) {
    for (const line of lines) {
      if (line.includes('playwright install')) {
        unchecked(`${job}: ${line}`, 'it downloads a browser')
        continue
      }
      const done = run('sh', ['-c', line], { cwd: tested, node })
      result(done.fine, `${job}: ${line}`, done.all)
    }
  }
  await callFromAnotherLanguage({ node, folder: tested, text: page('tasks/ci') })

  step('The guides: files that the local stack writes')
  mkdirSync(join(folder, 'policies'), { recursive: true })
  writeFileSync(join(folder, 'policies/editors.json'), JSON.stringify(EDITORS))
  for (const line of ['tasks/permissions', 'tasks/typed-calls'].flatMap((name) =>
    shellLinesOf(page(name)).filter((one) => SHELL_LINES[one] === 'guides'),
  )) {
    const done = shell(line)
    const [, file] = /--out (\S+)/.exec(line) ?? []
    const written = file && done.fine ? readFileSync(join(folder, file), 'utf8') : done.out
    result(done.fine && written.trimStart().startsWith('{'), line, done.all)
  }

  step('The guides: a template as a stack')
  const sam = readFileSync(join(root, 'examples/sam/template.yaml'), 'utf8')
  // The page sets a parameter of the reader's own template.
  const stage = '\nParameters:\n  Stage:\n    Type: String\n    Default: prod\n'
  writeFileSync(join(folder, 'template.yaml'), sam.replace('\nParameters:\n', stage))
  const synth = shell('npx --no-install cdk synth --quiet')
  result(synth.fine, 'npx cdk synth', synth.all)
  for (const line of shellLinesOf(page('tasks/templates'))) {
    const [command, ...args] = line.split(' ')
    // It rejects with what was printed if the stack does not start.
    const stack = await started(command, args, { cwd: folder, node, until: /Ctrl-C ends it/ })
    await stack.stop()
    result(stack.text().includes('/notes'), line, stack.text())
  }

  step('The guides: When it says 403')
  const refusal = 'HTTP/1.1 403 Forbidden\r\n\r\n{"message":"Forbidden"}'
  const explained = shell('npx iamfetch explain', { input: refusal })
  result(/403|refused/.test(explained.out), 'npx iamfetch explain', explained.all)
  const known = shell('npx iamfetch whoami -', { input: ID_TOKEN })
  result(/bob[^]*Readers[^]*ReadersRole/.test(known.out), 'npx iamfetch whoami -', known.all)
}

/** A project with the stack and the test for `node --test` that the page about tests shows. Returns its folder. */
function makeTestedProject({ node, folder, packages, root }) {
  const page = 'docs/pages/tasks/test.md'
  const { blocks } = codeBlocks(readFileSync(join(root, page), 'utf8'), page)
  makeProject(folder, packages, fromTarballs(packages, ['iamfetch', '@iamfetch/local']))
  mkdirSync(join(folder, 'test'))
  for (const name of ['stack.ts', 'test/hooks.test.ts']) {
    writeFileSync(join(folder, name), blocks.find((block) => block.name === name).code)
  }
  const set = run('npm', ['pkg', 'set', 'scripts.test=node --test'], { cwd: folder, node })
  result(set.fine, 'a project with the tests of the page about tests', set.all)
  return folder
}

/** An ID token as a reader pastes it. The command decodes it and verifies nothing, so it is not signed. */
const ID_TOKEN = [
  { alg: 'RS256', kid: 'example' },
  {
    sub: '0e8c7f4a-1d2b-4c3d-8e9f-000000000002',
    iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
    aud: '1example23456789',
    token_use: 'id',
    'cognito:username': 'bob',
    'cognito:groups': ['Readers'],
    'cognito:roles': ['arn:aws:iam::123456789012:role/ReadersRole'],
    'cognito:preferred_role': 'arn:aws:iam::123456789012:role/ReadersRole',
    exp: 4_000_000_000,
  },
  'unsigned',
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')

/** The policy that the page about permissions names. */
const EDITORS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
}

/** Every package that a line installs exists; ours are among the tarballs. */
function lookUpPackages({ node, project, packages, root }) {
  const lines = findFiles('{docs/pages/**,packages/*}/*.md', { cwd: root })
    .flatMap((file) => shellLinesOf(readFileSync(join(root, file), 'utf8')))
    .filter((line) => line.startsWith('npm install '))
  const names = new Set(
    lines.flatMap((line) => line.split(' ').slice(2)).filter((name) => !name.startsWith('-')),
  )
  const isOurs = (name) => /^(@iamfetch\/|iamfetch$)/.test(name)
  const ours = [...names].filter(isOurs)
  const others = [...names].filter((name) => !isOurs(name))
  const unknown = ours.filter((name) => !packages.has(name))
  result(unknown.length === 0, `${ours.length} packages of ours: ${ours.join(', ')}`, unknown)
  const args = ['install', '--dry-run', '--no-save', '--no-audit', '--no-fund', ...others]
  const found = run('npm', args, { cwd: project, node })
  result(found.fine, `${others.length} other packages: ${others.join(', ')}`, found.all)
}

/** The commands of the jobs that the page about CI shows, by the name of the file. */
function jobsOf(text) {
  const jobs = {}
  for (const [, block] of text.matchAll(/^```yaml\n([^]*?)^```$/gm)) {
    const name = /^# (\S+)/.exec(block)?.[1] ?? `a part that begins with ${block.split('\n')[0]}`
    const parsed = parse(block)
    const steps = Array.isArray(parsed) ? parsed : (parsed.jobs?.test.steps ?? parsed.steps ?? [])
    const lines = parsed.test?.script ?? steps.flatMap((one) => one.run ?? [])
    // The smoke test is run below, with the credentials of a user of the local stack.
    jobs[name] = lines.filter((line) => line !== 'node smoke-test.ts')
  }
  return jobs
}

/** Starts the stack as the page shows it to a back end in another language, and runs the page's smoke test against it. */
async function callFromAnotherLanguage({ node, folder, text }) {
  const lines = shellLinesOf(text)
  const isEnd = (line) => line.startsWith('kill ')
  const [, smoke = ''] = /^```ts \[smoke-test\.ts\]\n([^]*?)^```$/m.exec(text) ?? []
  writeFileSync(join(folder, 'credentials.mjs'), CREDENTIALS)
  writeFileSync(
    join(folder, 'smoke-test.ts'),
    smoke.replace(/baseUrl: '[^']+'/, `baseUrl: process.env['API_URL']!, region: 'eu-central-1'`),
  )
  const done = run(
    'bash',
    [
      '-euc',
      // `wait` has the stack's own exit code: 0 after the signal of the page.
      `${lines.filter((line) => !isEnd(line)).join('\n')}
trap 'kill "$stack"' EXIT
eval "$(node credentials.mjs bob)"
node smoke-test.ts
trap - EXIT
${lines.filter(isEnd).join('\n')}
wait "$stack"
node -e 'fetch(process.env.API_URL).then(() => process.exit(1), () => {})' || (echo "the stack still runs"; exit 1)`,
    ],
    { cwd: folder, node },
  )
  result(
    done.fine && done.out.includes('200'),
    'the stack in the background, smoke-test.ts, and the end of the stack',
    done.all,
  )
  for (const file of ['stack.json', 'credentials.mjs', 'smoke-test.ts']) {
    rmSync(join(folder, file), { force: true })
  }
}

/** Prints the credentials of a user of the stack in `stack.json` as lines for a shell. */
const CREDENTIALS = `import { readFileSync } from 'node:fs'
import { cognitoCredentials } from 'iamfetch'
const { config, users } = JSON.parse(readFileSync('stack.json', 'utf8'))
const username = process.argv[2]
const response = await fetch(config.endpoints.cognitoIdp, {
  method: 'POST',
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
  },
  body: JSON.stringify({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: config.userPoolClientId,
    AuthParameters: { USERNAME: username, PASSWORD: users[username].password },
  }),
})
const { AuthenticationResult } = await response.json()
const credentials = await cognitoCredentials({
  identityPoolId: config.identityPoolId,
  idToken: async () => AuthenticationResult.IdToken,
  endpoint: config.endpoints.cognitoIdentity,
})()
console.log(\`export API_URL=\${Object.values(config.apis)[0].url}
export AWS_ACCESS_KEY_ID=\${credentials.accessKeyId}
export AWS_SECRET_ACCESS_KEY=\${credentials.secretAccessKey}
export AWS_SESSION_TOKEN=\${credentials.sessionToken}\`)
`
