import { StaticSite, type IamGuardedApi } from '@iamfetch/cdk'
import { CfnOutput, type Stack } from 'aws-cdk-lib'

/**
 * Hosts the page of the example for what was built, and has everything that a client needs as outputs.
 *
 * @param folder  The built page.
 */
export function buildPage(
  stack: Stack,
  { siteConfig: config }: IamGuardedApi,
  folder: string,
): void {
  const { url } = new StaticSite(stack, 'Site', { folder, config })
  const { region, userPoolId, userPoolClientId, identityPoolId, apis } = config
  const outputs = {
    PageUrl: url,
    region,
    userPoolId,
    userPoolClientId,
    identityPoolId,
    ...Object.fromEntries(Object.entries(apis).map(([name, api]) => [`${name}Url`, api.url])),
  }
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value })
}
