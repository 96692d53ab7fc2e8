import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import access from '../../group-access/access.ts'
import * as handlers from '../../group-access/handlers.ts'
import { fromDefinition } from './from-definition.ts'
import { buildSite } from './site.ts'

const file = new URL('../../group-access/handlers.ts', import.meta.url).pathname

/** The example `group-access`: its definition, and the built page. */
export class GroupAccess extends Stack {
  constructor(scope: Construct, id: string, { siteFolder }: { siteFolder: string }) {
    super(scope, id, { env: { region: access.region! }, description: 'iamfetch: group access' })
    const { userPool, identityPool, apis } = fromDefinition(this, access, {
      handlerFiles: [{ file, exports: handlers }],
    })
    const config = {
      mode: 'aws',
      region: this.region,
      userPoolId: userPool!.userPoolId,
      userPoolClientId: userPool!.pageClientId!,
      identityPoolId: identityPool!.identityPoolId,
      apis: { test: { url: apis['test']!.url } },
    } as const
    buildSite(this, siteFolder, config, [apis['test']!.origin])
    const { region, userPoolId, userPoolClientId, identityPoolId } = config
    const outputs = {
      region,
      userPoolId,
      userPoolClientId,
      identityPoolId,
      testUrl: apis['test']!.url,
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}
