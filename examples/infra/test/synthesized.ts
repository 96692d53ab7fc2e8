import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tenantNames } from '../../premium-content/access.ts'
import { allStacks } from '../src/all-stacks.ts'
import { deployed, type Deployed, type Template } from '../../../packages/cdk/test/resolved.ts'
import { findFiles } from '../../../scripts/files.ts'

/** The tenants' stacks. */
export const consumerStack = (tenant: string): string => `PremiumConsumer-${tenant}`

/** The result. */
export interface Synthesized {
  templates: Record<string, Template>
  deployed: Deployed
  /** Files that are uploaded with the pages, with markers for values that are known only after the deployment. */
  configJsons: string[]
}

/** Synthesizes all stacks, without bundling, under the checks of cdk-nag. */
export function synthesized(): Synthesized {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'))
  try {
    const siteFolder = join(folder, 'site')
    mkdirSync(siteFolder)
    writeFileSync(join(siteFolder, 'index.html'), '<!doctype html>')
    const app = allStacks(siteFolder, {
      outdir: join(folder, 'cdk.out'),
      analyticsReporting: false,
      context: { 'aws:cdk:bundling-stacks': [] },
    })
    const assembly = app.synth()
    const names = [
      'GroupAccess',
      'DeveloperAccess',
      'PremiumProvider',
      ...tenantNames.map(consumerStack),
    ]
    const templates = Object.fromEntries(
      names.map((name) => [name, assembly.getStackByName(name).template as Template]),
    )
    const configJsons = findFiles('*/config.json', { cwd: assembly.directory }).map((file) =>
      readFileSync(join(assembly.directory, file), 'utf8'),
    )
    return { templates, deployed: deployed(templates), configJsons }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the page of a stack reads, with everything filled in. */
export function configOf({ deployed: on, configJsons }: Synthesized, stack: string): unknown {
  const uploads = on.resources(stack, 'Custom::CDKBucketDeployment')
  const markers: Record<string, string> = Object.assign(
    {},
    ...uploads.flatMap(({ properties }) => properties['SourceMarkers'] ?? []),
  )
  // The stacks' files differ by their markers; those of a larger stack include those of a smaller one.
  const names = Object.keys(markers).toSorted().join()
  const markersOf = (text: string) =>
    [...new Set(text.match(/<<marker:[^>]*>>/g))].toSorted().join()
  const own = configJsons.find((text) => markersOf(text) === names)
  return JSON.parse(
    Object.entries(markers).reduce(
      (filled, [marker, value]) => filled.replaceAll(marker, value),
      own ?? '',
    ),
  )
}
