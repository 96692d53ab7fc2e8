import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** Does in a new project what its README says. */
export async function checkTemplate({ path: node }, { project, packages }) {
  step('npm create iamfetch')
  const folder = createFromTarballs(node, { project, packages, name: 'my-app' })
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
    until: /(Local:[^]*Ctrl-C ends it)|(Ctrl-C ends it[^]*Local:)/,
  })
  try {
    const at = (name) => fetch(`http://127.0.0.1:${env.PORT}/${name}`)
    const [page, config] = await Promise.all([at(''), at('config.json')])
    const { mode, apis } = await config.json()
    result(page.ok && mode === 'local' && !!apis.notes, 'npm run dev: the page and its config.json')
    result(/alice +\S+ +Editors/.test(dev.text()), 'npm run dev: the users with their passwords')
  } finally {
    await dev.stop()
  }
  const gone = await fetch(`http://127.0.0.1:${env.STACK_PORT}/config.json`).then(
    () => false,
    () => true,
  )
  result(gone, 'Ctrl-C ends the stack as well')
}
