// `npm run test:packages`: what a consumer gets, from packed tarballs, in projects outside of this repository.
// `npm run sbom`: the bill of materials of the same, in sbom/.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkContainer } from './container.mjs'
import { checkOneInstall } from './one-install.mjs'
import { followGettingStarted } from './getting-started.mjs'
import { followGuides } from './guides.mjs'
import { fromTarballs, makeProject } from './project.mjs'
import { ENGINES, OLD_ENGINES, TEMPLATE_ENGINES } from './process.mjs'
import { failed } from './report.mjs'
import { audit, writeSbom } from './supply.mjs'
import { packAll } from './tarballs.mjs'
import { checkOldNodes, checkTemplate, checkTemplateOnOldNode } from './template.mjs'
import { checkTypes } from './types.mjs'
import { entriesOf, measureLocal, useOn } from './use.mjs'

const root = resolve(fileURLToPath(import.meta.url), '../../..')
// `sbom`, or one part: start, one, local, container, use, template, guides, types.
const only = process.argv[2]
const PARTS = ['sbom', 'start', 'one', 'local', 'container', 'use', 'template', 'guides', 'types']
if (only !== undefined && !PARTS.includes(only)) {
  console.error(`There is no part "${only}". Name one of ${PARTS.join(', ')}.`)
  process.exit(2)
}
const wanted = (part) => only === undefined || only === part
const folder = mkdtempSync(join(tmpdir(), 'iamfetch-packages-'))

/** What only one entry or another asks for: the peers, as a consumer chooses them. */
const PEERS = {
  '@aws-crypto/sha256-js': '5.2.0',
  '@aws-lambda-powertools/event-handler': '2.35.0',
  '@aws-sdk/client-dynamodb': '3.1162.0',
  '@aws-sdk/credential-provider-cognito-identity': '3.972.83',
  '@middy/core': '7.9.2',
  '@playwright/test': '1.65.1',
  '@smithy/protocol-http': '5.6.2',
  '@smithy/signature-v4': '5.7.5',
  '@tanstack/react-query': '5.108.0',
  '@types/node': '24.19.2',
  '@types/react': '19.3.0',
  '@opentelemetry/api': '1.9.0',
  'aws-amplify': '6.22.1',
  hono: '4.13.19',
  react: '19.3.1',
  vite: '8.3.8',
  vitest: '5.1.0',
}

try {
  const packages = packAll(root, join(folder, 'tarballs'))
  const [oldest, newest] = ENGINES
  const at = (name) => join(folder, name)

  if (wanted('sbom')) {
    makeProject(at('plain'), packages, fromTarballs(packages))
    audit(at('plain'))
    writeSbom(at('plain'), join(root, 'sbom/iamfetch.cdx.json'))
  }
  if (wanted('start')) {
    for (const engine of ENGINES) followGettingStarted(engine, { folder, packages, root })
  }
  if (wanted('one')) await checkOneInstall(ENGINES, { folder, packages, root })
  if (wanted('local')) {
    makeProject(at('local'), packages, fromTarballs(packages, ['@iamfetch/local']))
    await measureLocal(newest, at('local'))
  }
  if (wanted('container')) await checkContainer(newest, { folder, packages, root })
  if (only === undefined || ['use', 'template', 'guides', 'types'].includes(only)) {
    makeProject(at('consumer'), packages, { ...fromTarballs(packages), ...PEERS })
    const place = { project: at('consumer'), packages, root }
    if (wanted('use')) for (const engine of [oldest, newest]) await useOn(engine, place)
    if (wanted('template')) {
      let created
      for (const engine of TEMPLATE_ENGINES) created = await checkTemplate(engine, place)
      checkTemplateOnOldNode(oldest, { folder: created })
      checkOldNodes([...OLD_ENGINES, oldest], place)
    }
    if (wanted('guides')) await followGuides(newest, place)
    if (wanted('types')) checkTypes(at('consumer'), entriesOf(packages))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(failed() ? `\n${failed()} failed` : '\nEverything holds.')
process.exit(failed() ? 1 : 0)
