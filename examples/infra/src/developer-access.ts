import { fileURLToPath } from 'node:url'
import { IamGuardedApi, KeySweep, KeyTable, type GuardedUserPool } from '@iamfetch/cdk'
import type { LocalHandler, StackDefinition } from '@iamfetch/local'
import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import base from '../../group-access/access.ts'
import * as handlers from '../../group-access/handlers.ts'
import {
  handlerNameOf,
  roleOf,
  withPortal,
  type PortalRoute,
  type TableNames,
} from '../../group-access/portal/access.ts'
import type { HandlerName } from '../../group-access/portal/handlers.ts'
import * as portal from '../../group-access/portal/lambda.ts'
import { buildPage } from './page.ts'

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../group-access/${name}`, import.meta.url))
const lambda = { file: fileOf('portal/lambda.ts'), exports: portal }
const { keys, me, notes } = portal
const behindRoutes: Readonly<Record<HandlerName, LocalHandler>> = { keys, me, notes }

/** The definition, with the functions that a deployment has. */
export const developerAccess = (tables: TableNames): StackDefinition =>
  withPortal((route) => behindRoutes[handlerNameOf(route)], tables)

/** The example `group-access` with its portal: users make API keys, which are app clients of the user pool. */
export class DeveloperAccess extends Stack {
  constructor(scope: Construct, id: string, { siteFolder }: { siteFolder: string }) {
    const env = { region: base.region! }
    super(scope, id, { env, description: 'iamfetch: group access, with API keys for users' })
    const removalPolicy = RemovalPolicy.DESTROY
    const tables = {
      keys: new KeyTable(this, 'Keys', { removalPolicy }).table.tableName,
      notes: new KeyTable(this, 'Notes', { removalPolicy }).table.tableName,
    }
    const definition = developerAccess(tables)
    const environment = (users: GuardedUserPool | undefined) =>
      ({
        USER_POOL_ID: users!.userPool.userPoolId,
        KEYS_TABLE: tables.keys,
        NOTES_TABLE: tables.notes,
      }) satisfies Record<portal.PortalVariable, string>
    const built = new IamGuardedApi(this, 'Access', {
      definition,
      handlers: [{ file: fileOf('handlers.ts'), exports: handlers }, lambda],
      runsAs: (api, route) => (api === 'portal' ? roleOf[route as PortalRoute] : undefined),
      environment,
      removalPolicy,
    })
    new KeySweep(this, 'Sweep', {
      handler: { file: lambda.file, name: 'sweep' },
      environment: environment(built.users),
      policy: definition.roles![roleOf.sweep]!.policy,
      userPool: built.users!.userPool,
    })
    buildPage(this, built, siteFolder)
  }
}
