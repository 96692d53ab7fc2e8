import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { result, step } from './report.mjs'
import { fromTarballs, install, overridesFor } from './project.mjs'
import { run, started } from './process.mjs'

/** Creates a project with the packed `create-iamfetch`, as `npm create iamfetch` does. Returns its folder. */
export function createFromTarballs(node, { project, packages, name }) {
  const made = run('npx', ['--offline', 'create-iamfetch', name], { cwd: project, node })
  result(made.fine && made.out.includes('npm run dev'), 'npm create iamfetch', made.all)
  const folder = join(project, name)
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  // Nothing is published yet: what the project names comes from the tarballs.
  const own = (dependencies) =>
    Object.fromEntries(
      Object.entries(dependencies).map(([dependency, range]) => [
        dependency,
        packages.has(dependency) ? fromTarballs(packages, [dependency])[dependency] : range,
      ]),
    )
  const { dependencies, devDependencies } = manifest
  const direct = { ...dependencies, ...devDependencies }
  const changed = {
    ...manifest,
    dependencies: own(dependencies),
    devDependencies: own(devDependencies),
    overrides: overridesFor(packages, direct),
  }
  writeFileSync(path, JSON.stringify(changed, null, 2))
  install(folder, node)
  return folder
}

/** Does in a new project what its README says. @returns The folder of the project. */
export async function checkTemplate({ name, path: node }, { project, packages }) {
  step(`npm create iamfetch, on ${versionOf(node)}`)
  const folder = createFromTarballs(node, { project, packages, name: `my app on ${name}` })
  for (const script of ['test', 'build']) {
    const done = run('npm', ['run', script], { cwd: folder, node })
    result(done.fine, `npm run ${script}`, done.all)
  }
  // The CDK runs infra/app.ts with the node on PATH; nothing is deployed, and no account is needed.
  const synth = run('npx', ['--no-install', 'cdk', 'synth', '--quiet'], { cwd: folder, node })
  result(synth.fine, 'npx cdk synth', synth.all)
  const env = { PORT: '45173', STACK_PORT: '45940' }
  const dev = await started('npm', ['run', 'dev'], {
    cwd: folder,
    node,
    env,
    until: /Ctrl-C ends it[^]*Local:/,
  })
  try {
    const at = (path) => fetch(`http://127.0.0.1:${env.PORT}/${path}`)
    const [page, config] = await Promise.all([at(''), at('config.json')])
    const { mode, apis } = await config.json()
    result(page.ok && mode === 'local' && !!apis.notes, 'npm run dev: the page and its config.json')
    result(/alice +\S+ +Editors/.test(dev.text()), 'npm run dev: the users with their passwords')
    const args = ['--no-install', 'iamfetch', 'sign', '--user', 'bob', 'GET', '/notes']
    const signed = run('npx', args, { cwd: folder, node })
    const isSigned = signed.fine && signed.out.includes(`${apis.notes.url}/notes`)
    result(isSigned, 'npx iamfetch sign --user bob', signed.all)
    await fetch(`${apis.notes.url}/notes`)
    await setTimeout(500)
    result(/^403 notes GET \/notes .*not signed/m.test(dev.text()), 'npm run dev: the request log')
    const taken = run('npm', ['run', 'dev'], {
      cwd: folder,
      node,
      env: { STACK_PORT: env.STACK_PORT },
    })
    const isRefused =
      !taken.fine &&
      /Port 4594\d of 127\.0\.0\.1 is in use\. End the program(?![^]*\n +at )/.test(taken.all)
    result(isRefused, 'npm run dev: a STACK_PORT that is in use is refused', taken.all)
  } finally {
    await dev.stop()
  }
  const gone = await fetch(`http://127.0.0.1:${env.STACK_PORT}/config.json`).then(
    () => false,
    () => true,
  )
  result(gone, 'Ctrl-C ends the stack as well')
  return folder
}

/** What another developer of the project sees on a Node that does not run TypeScript. */
export function checkTemplateOnOldNode({ path: node }, { folder }) {
  const version = versionOf(node)
  step(`The commands of a project, on ${version}`)
  const sentence = `This is ${version}, which does not run TypeScript. This project needs Node 22.18, or 24 or later.`
  const commands = [
    ['npm', 'test'],
    ['npm', 'run', 'dev'],
    ['npm', 'run', 'build'],
    ['npx', '--no-install', 'cdk', 'synth', '--quiet'],
  ]
  for (const [program, ...args] of commands) {
    const { status, all } = run(program, args, { cwd: folder, node })
    const name = `${program} ${args.join(' ')} ends with 1, the sentence and no stack trace`
    result(status === 1 && all.includes(sentence) && !STACK_TRACE.test(all), name, all)
  }
}

/** What every program of the repository says on a Node that cannot run it. */
export function checkOldNodes(engines, { project }) {
  for (const { name, path: node } of engines) {
    const version = versionOf(node)
    step(`The programs on ${version}`)
    const needed = { iamfetch: '20', 'iamfetch-local': '20', 'create-iamfetch': '22.18' }
    for (const [program, oldest] of Object.entries(needed)) {
      if (Number.parseInt(version.slice('Node '.length), 10) >= Number.parseInt(oldest, 10))
        continue
      const created = `never-${name}`
      const { status, all } = run(join(project, 'node_modules/.bin', program), [created], {
        cwd: project,
        node,
      })
      const sentence = `${program} needs Node ${oldest} or later, and this is ${version}. Install a newer Node from https://nodejs.org, then run the command again.\n`
      const isClear = status === 1 && all === sentence && !existsSync(join(project, created))
      result(isClear, `${program} ends with 1 and one sentence`, all)
    }
  }
}

const STACK_TRACE = /^\s+at .+:\d+/m

const versionOf = (node) =>
  `Node ${run(node, ['-p', 'process.versions.node'], { node }).out.trim()}`
