import type { LocalHandler, StackDefinition } from '@iamfetch/local'
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
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
import { fromDefinition } from './from-definition.ts'
import { buildPage } from './page.ts'
import { buildFunction } from './route-function.ts'

const fileOf = (name: string): string =>
  new URL(`../../group-access/${name}`, import.meta.url).pathname
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
    const tables = {
      keys: buildTable(this, 'keys').tableName,
      notes: buildTable(this, 'notes').tableName,
    }
    const definition = developerAccess(tables)
    const environment = (userPool: { userPoolId: string } | undefined) =>
      ({
        USER_POOL_ID: userPool!.userPoolId,
        KEYS_TABLE: tables.keys,
        NOTES_TABLE: tables.notes,
      }) satisfies Record<portal.PortalVariable, string>
    const built = fromDefinition(this, definition, {
      handlerFiles: [{ file: fileOf('handlers.ts'), exports: handlers }, lambda],
      runsAs: (api, route) => (api === 'portal' ? roleOf[route as PortalRoute] : undefined),
      environment,
    })
    const { userPoolId } = built.userPool!
    const sweep = buildFunction(this, 'sweep', {
      file: lambda.file,
      name: 'sweep',
      environment: environment(built.userPool),
      policy: definition.roles![roleOf.sweep]!.policy,
      userPoolId,
      // Cognito takes 5 changes of app clients a second, and a pool has up to 1,000. Shorter than the interval, so
      // that two sweeps do not run at once.
      timeout: Duration.minutes(4),
    })
    scheduleSweep(this, sweep)
    buildPage(this, built, siteFolder)
  }
}

/** Calls the sweep every five minutes, and raises an alarm when three sweeps in a row failed. */
function scheduleSweep(stack: Stack, sweep: NodejsFunction): void {
  // The next sweep repeats whatever one left undone, so Lambda does not have to.
  const target = new LambdaFunction(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(5) })
  sweep.configureAsyncInvoke({ retryAttempts: 0 })
  new Rule(stack, 'EveryFiveMinutes', {
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [target],
  })
  sweep.metricErrors({ period: Duration.minutes(5) }).createAlarm(stack, 'SweepFails', {
    alarmDescription: 'Three sweeps in a row failed: expired keys and old secrets stay valid.',
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 3,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  })
}

/** A table for the stores of keys and of notes: two strings as its key, and a time to live that only tidies up. */
const buildTable = (stack: Stack, name: string): Table =>
  new Table(stack, `Table-${name}`, {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.DESTROY,
  })
