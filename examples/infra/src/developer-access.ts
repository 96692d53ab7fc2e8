import type { LocalHandler } from '@iamfetch/local'
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Construct } from 'constructs'
import * as handlers from '../../group-access/handlers.ts'
import { roleOf, tables, withPortal } from '../../group-access/portal/access.ts'
import type { HandlerName } from '../../group-access/portal/handlers.ts'
import * as portal from '../../group-access/portal/lambda.ts'
import { fromDefinition } from './from-definition.ts'
import { buildPage } from './page.ts'
import { buildFunction } from './route-function.ts'

const fileOf = (name: string): string =>
  new URL(`../../group-access/${name}`, import.meta.url).pathname
const lambda = { file: fileOf('portal/lambda.ts'), exports: portal }
const { keys, me, notes } = portal
const behindRoutes: Readonly<Record<HandlerName, LocalHandler>> = { keys, me, notes }

/** The definition, with the functions that a deployment has. */
export const developerAccess = withPortal((name) => behindRoutes[name])

/** The example `group-access` with its portal: users make API keys, which are app clients of the user pool. */
export class DeveloperAccess extends Stack {
  constructor(scope: Construct, id: string, { siteFolder }: { siteFolder: string }) {
    const env = { region: developerAccess.region! }
    super(scope, id, { env, description: 'iamfetch: group access, with API keys for users' })
    const environment = (userPool: { userPoolId: string } | undefined) =>
      ({
        USER_POOL_ID: userPool!.userPoolId,
        KEYS_TABLE: tables.keys,
        NOTES_TABLE: tables.notes,
      }) satisfies Record<portal.PortalVariable, string>
    for (const [name, tableName] of Object.entries(tables)) buildTable(this, name, tableName)
    const built = fromDefinition(this, developerAccess, {
      handlerFiles: [{ file: fileOf('handlers.ts'), exports: handlers }, lambda],
      runsAs: (api, route) =>
        api === 'portal' ? roleOf[nameOf(developerAccess.apis![api]!.routes[route]!)] : undefined,
      environment,
    })
    const { userPoolId } = built.userPool!
    const sweep = buildFunction(this, 'sweep', {
      file: lambda.file,
      name: 'sweep',
      environment: environment(built.userPool),
      policy: developerAccess.roles![roleOf.sweep!]!.policy,
      userPoolId,
    })
    new Rule(this, 'EveryFiveMinutes', {
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(sweep)],
    })
    buildPage(this, built, siteFolder)
  }
}

/** Which of the portal's functions is behind a route. */
const nameOf = ({ handler }: { handler: LocalHandler }): HandlerName =>
  (['keys', 'me', 'notes'] as const).find((name) => behindRoutes[name] === handler)!

/** A table as the stores of keys and of notes want it: two texts for a key, and a time to live, which only tidies up. */
function buildTable(stack: Stack, name: string, tableName: string): Table {
  return new Table(stack, `Table-${name}`, {
    tableName,
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.DESTROY,
  })
}
