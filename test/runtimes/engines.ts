import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { bundles } from './bundles.ts'
import { hermesFiles, hermesVm } from './hermes.ts'
import { start, within, type Started } from './process.ts'
import type { Check } from './setup.ts'
import type { Grounds, Report } from './stack.ts'
import { findFiles } from '../../scripts/files.ts'

/** One row of the matrix. */
export interface Engine {
  name: string
  /** What it is and is not a proof of, where that is not plain. */
  note?: string
  /** Why it cannot run here, and how to get it; `undefined` if it can. */
  missing?: string | undefined
  run: (grounds: Grounds, folder: string) => Promise<Report>
}

const installed = fileURLToPath(new URL('engines/node_modules', import.meta.url))
const fromNpm = (path: string): string | undefined => first([join(installed, path)])
const onPath = (name: string): string | undefined =>
  first((process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
const first = (paths: string[]): string | undefined => paths.find((path) => existsSync(path))
const debian = (packages: string): string => `not installed (Debian: ${packages})`
const npm = 'the registry has no binary for this machine'

/** Every engine, whether it is on this machine or not. */
export async function engines(): Promise<Engine[]> {
  const chromium = await findChromium()
  const firefox = onPath('firefox-esr') ?? onPath('firefox')
  const webkit = findFiles('/usr/lib/{,*/}webkit2gtk-4.*/MiniBrowser')[0]
  const xvfb = onPath('xvfb-run')
  const jsc = onPath('jsc')
  const quickjs = fromNpm('quickjs-emscripten')
  const hermesc = fromNpm(`hermes-compiler/hermesc/${HERMES[process.platform]}`)
  const servers = [20, 22, 24, 26]
    .map((major) => ({ name: `Node ${major}`, path: fromNpm(`node${major}/bin/node`), args: [] }))
    .concat(
      {
        name: 'Deno',
        path: fromNpm('deno/deno'),
        args: ['run', '--quiet', '--allow-net', '--allow-env'] as never[],
      },
      { name: 'Bun', path: fromNpm('bun/bin/bun.exe') ?? fromNpm('bun/bin/bun'), args: [] },
    )
  const browser = (
    name: string,
    path: string | undefined,
    how: string,
    args: (profile: string) => string[],
  ): Engine => ({
    name,
    missing: path ? undefined : how,
    run: (grounds, folder) => page(grounds, folder, name, path!, args),
  })
  return [
    ...servers.flatMap(({ name, path, args }): Engine[] => [
      {
        name,
        missing: path ? undefined : npm,
        run: (grounds, folder) => server(grounds, folder, name, path!, args, 'server'),
      },
    ]),
    ...servers
      .slice(0, 1)
      .concat(servers.slice(-2))
      .map(({ name, path, args }): Engine => ({
        name: `${name}, portable hash`,
        note: 'what browsers load',
        missing: path ? undefined : npm,
        run: (grounds, folder) =>
          server(grounds, folder, `${name}-portable`, path!, args, 'portable'),
      })),
    { name: 'workerd', missing: fromNpm('workerd/bin/workerd') ? undefined : npm, run: workerd },
    browser('Chromium', chromium, debian('chromium'), (profile) => [
      '--headless=new',
      '--no-first-run',
      ...chromiumFlags,
      `--user-data-dir=${profile}`,
    ]),
    browser('Firefox', firefox, debian('firefox-esr'), (profile) => [
      '--headless',
      '--no-remote',
      '--profile',
      profile,
    ]),
    browser('WebKitGTK', webkit && xvfb, debian('webkit2gtk-driver xvfb xauth'), () => [
      '--auto-servernum',
      webkit!,
      '--private',
    ]),
    {
      name: 'JavaScriptCore, bare',
      note: 'no URL, TextEncoder, crypto: vectors and hash',
      missing: jsc ? undefined : debian('libjavascriptcoregtk-4.0-bin'),
      run: (_grounds, folder) => bareJsc(_grounds, folder, jsc!),
    },
    {
      name: 'QuickJS, bare',
      note: 'no URL, TextEncoder, crypto: vectors and hash',
      missing: quickjs ? undefined : npm,
      run: bareQuickjs,
    },
    {
      name: 'Hermes',
      note: 'its compiler alone: the React Native bundle compiles',
      missing: hermesc ? undefined : npm,
      run: (_grounds, folder) => hermes(folder, hermesc!),
    },
    // After the compiler: both names begin alike, and the first row that fits a name is taken for its own.
    {
      name: 'Hermes VM',
      missing: Object.values(hermesFiles).every((path) => existsSync(path))
        ? undefined
        : 'not installed (npm run test:hermes installs it)',
      run: ({ setup }, folder) => hermesVm(setup, folder),
    },
  ]
}

const HERMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux64-bin/hermesc',
  darwin: 'osx-bin/hermesc',
  win32: 'win64-bin/hermesc.exe',
}

const told = (run: object): string => `globalThis.RUN = ${JSON.stringify(run)};\n`

/** Waits for what a started program makes the suite report; its death or silence is the error. */
async function reportOf(report: Promise<Report>, started: Started): Promise<Report> {
  try {
    return await within(120_000, Promise.race([report, started.failed]), started)
  } finally {
    await started.stop()
  }
}

async function server(
  grounds: Grounds,
  folder: string,
  name: string,
  path: string,
  args: string[],
  kind: 'server' | 'portable',
): Promise<Report> {
  const file = join(folder, `${name.replaceAll(' ', '-')}.mjs`)
  const run = { origin: grounds.setup.origin, name: encodeURIComponent(name) }
  writeFileSync(file, told(run) + (await bundles[kind]()))
  return reportOf(grounds.reported(name), start(path, [...args, file]))
}

async function page(
  grounds: Grounds,
  folder: string,
  name: string,
  path: string,
  args: (profile: string) => string[],
): Promise<Report> {
  const { origin } = grounds.setup
  const body = told({ origin, name }) + (await bundles.portable())
  grounds.files.set('/suite.js', { type: 'text/javascript', body })
  grounds.files.set('/', {
    type: 'text/html',
    body: '<!doctype html><meta charset="utf-8"><script type="module" src="/suite.js"></script>',
  })
  const profile = join(folder, name)
  mkdirSync(profile)
  const { engine, checks } = await reportOf(
    grounds.reported(name),
    start(path, [...args(profile), `${origin}/`]),
  )
  const [, version] = VERSIONS.map((one) => one.exec(engine)).find(Boolean) ?? []
  return { engine: `${name} ${version ?? ''}`.trim(), checks }
}

// Chromium's agent names WebKit too, so it comes first.
const VERSIONS = [/Chrom(?:e|ium)\/([\d.]+)/, /Firefox\/([\d.]+)/, /Version\/([\d.]+)/]

async function workerd(grounds: Grounds, folder: string): Promise<Report> {
  const { origin } = grounds.setup
  writeFileSync(join(folder, 'worker.js'), told({ origin }) + (await bundles.worker()))
  writeFileSync(
    join(folder, 'workerd.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suite", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-10-01",
      globalOutbound = "loopback",
    )),
    (name = "loopback", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);
`,
  )
  const path = join(installed, 'workerd/bin/workerd')
  const started = start(path, ['serve', '--control-fd=1', join(folder, 'workerd.capnp')])
  const asked = started
    .line(/"event":"listen".*"port":(\d+)/)
    .then(async (port): Promise<Report> => {
      const { version } = createRequire(join(installed, 'x.js'))('workerd/package.json') as {
        version: string
      }
      const answer = await fetch(`http://127.0.0.1:${port}/`)
      const { checks } = (await answer.json()) as Report
      return { engine: `workerd ${version}`, checks }
    })
  return reportOf(asked, started)
}

async function bareJsc(
  { setup: { vectors } }: Grounds,
  folder: string,
  path: string,
): Promise<Report> {
  const file = join(folder, 'jsc.js')
  const print =
    '\nreport().then((checks) => print(JSON.stringify(checks)), (error) => print(String(error)))'
  writeFileSync(file, told({ setup: { vectors } }) + (await bundles.bare()) + print)
  const checks = JSON.parse(
    execFileSync(path, [file], { encoding: 'utf8', maxBuffer: 1e8 }),
  ) as Check[]
  return { engine: 'JavaScriptCore, bare', checks }
}

async function bareQuickjs({ setup: { vectors } }: Grounds): Promise<Report> {
  const { getQuickJS } = createRequire(join(installed, 'x.js'))('quickjs-emscripten')
  const context = (await getQuickJS()).newContext()
  try {
    const script = told({ setup: { vectors } }) + (await bundles.bare())
    context.unwrapResult(context.evalCode(script)).dispose()
    const keep = 'report().then((checks) => { globalThis.CHECKS = JSON.stringify(checks) })'
    context.unwrapResult(context.evalCode(keep)).dispose()
    context.unwrapResult(context.runtime.executePendingJobs())
    const checks = context.dump(context.unwrapResult(context.evalCode('CHECKS')))
    return { engine: 'QuickJS, bare', checks: JSON.parse(checks) as Check[] }
  } finally {
    context.dispose()
  }
}

async function hermes(folder: string, path: string): Promise<Report> {
  const file = join(folder, 'native.js')
  writeFileSync(file, await bundles.native())
  execFileSync(path, ['-emit-binary', '-O', '-w', '-out', join(folder, 'native.hbc'), file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const version = /HBC bytecode version: (\d+)/.exec(
    execFileSync(path, ['--version'], { encoding: 'utf8' }),
  )?.[1]
  return { engine: `Hermes compiler, bytecode ${version}`, checks: [] }
}
