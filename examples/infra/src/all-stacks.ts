import { App, Validations, type AppProps } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { tenantNames } from '../../premium-content/access.ts'
import { DeveloperAccess } from './developer-access.ts'
import { GroupAccess } from './group-access.ts'
import { PremiumConsumer, PremiumProvider } from './premium-content.ts'

/**
 * Creates the app with all stacks, under the checks of cdk-nag: a finding without an acknowledgement fails the synth.
 *
 * @param siteFolder  The built page.
 */
export function allStacks(siteFolder: string, props?: AppProps): App {
  // A consumer holds on to the provider that it calls: the provider cannot be destroyed before it.
  const context = { '@aws-cdk/core:defaultCrossStackReferences': 'strong', ...props?.context }
  const app = new App({ ...props, context })
  Validations.of(app).addPlugins(new AwsSolutionsChecks())
  new GroupAccess(app, 'GroupAccess', { siteFolder })
  new DeveloperAccess(app, 'DeveloperAccess', { siteFolder })
  const provider = new PremiumProvider(app, 'PremiumProvider')
  for (const tenant of tenantNames) {
    new PremiumConsumer(app, `PremiumConsumer-${tenant}`, { tenant, provider })
  }
  return app
}
