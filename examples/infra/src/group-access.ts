import { fileURLToPath } from 'node:url'
import { IamGuardedApi } from '@iamfetch/cdk'
import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import access from '../../group-access/access.ts'
import * as handlers from '../../group-access/handlers.ts'
import { buildPage } from './page.ts'

const file = fileURLToPath(new URL('../../group-access/handlers.ts', import.meta.url))

/** The example `group-access`: its definition, and the built page. */
export class GroupAccess extends Stack {
  constructor(scope: Construct, id: string, { siteFolder }: { siteFolder: string }) {
    super(scope, id, { env: { region: access.region! }, description: 'iamfetch: group access' })
    const built = new IamGuardedApi(this, 'Access', {
      definition: access,
      handlers: { file, exports: handlers },
      removalPolicy: RemovalPolicy.DESTROY,
    })
    buildPage(this, built, siteFolder)
  }
}
