import { CfnOutput, type Stack } from 'aws-cdk-lib'
import type { Built } from './from-definition.ts'
import { buildSite } from './site.ts'

/**
 * Hosts the example's page for what was built, and says where everything is.
 *
 * @param siteFolder  The built page.
 */
export function buildPage(
  stack: Stack,
  { userPool, identityPool, apis }: Built,
  siteFolder: string,
): void {
  const { region } = stack
  const { userPoolId, pageClientId, domainUrl } = userPool!
  const { identityPoolId } = identityPool!
  const ids = { region, userPoolId, userPoolClientId: pageClientId!, identityPoolId }
  const urls = Object.entries(apis).map(([name, { url }]) => [name, { url }] as const)
  const config = {
    mode: 'aws',
    ...ids,
    apis: Object.fromEntries(urls),
    ...(domainUrl !== undefined && { endpoints: { oauth: domainUrl } }),
  } as const
  const origins = Object.values(apis).map(({ origin }) => origin)
  buildSite(stack, siteFolder, config, origins)
  const places = urls.map(([name, { url }]) => [`${name}Url`, url] as const)
  for (const [name, value] of [...Object.entries(ids), ...places]) {
    new CfnOutput(stack, name, { value })
  }
}
