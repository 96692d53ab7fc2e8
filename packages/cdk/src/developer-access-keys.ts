import type { PolicyDocument } from '@iamfetch/local'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData, type Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { IUserPool } from 'aws-cdk-lib/aws-cognito'
import { AttributeType, BillingMode, Table, type ITable } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { buildFunction } from './route-function.ts'

/** A table for `dynamodbStore` of `@iamfetch/developer-access`, or for other items with two strings as their key. */
export interface KeyTableProps {
  /** What happens to the table when the stack is deleted. Defaults to `RETAIN`. */
  readonly removalPolicy?: RemovalPolicy
}

/**
 * The table for `dynamodbStore` of `@iamfetch/developer-access/dynamodb`: `pk` and `sk` as its key, a time to live that
 * only tidies up, and point-in-time recovery. Its name is generated.
 */
export class KeyTable extends Construct {
  readonly table: ITable

  constructor(scope: Construct, id: string, { removalPolicy }: KeyTableProps = {}) {
    super(scope, id)
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    })
  }
}

/** The props of {@link KeySweep}. */
export interface KeySweepProps {
  /** The file that exports the function, and the name of the export. It calls `DeveloperAccess.sweep`. */
  readonly handler: { readonly file: string; readonly name: string }
  readonly environment: Readonly<Record<string, string>>
  /** What the function may do. `USER_POOL_ID` is filled in. */
  readonly policy: PolicyDocument
  readonly userPool: IUserPool
}

/**
 * Calls the sweep of `@iamfetch/developer-access` every five minutes, and has an alarm for three failures in a row.
 *
 * The function has four minutes: Cognito accepts five changes of app clients in a second, and a pool has up to 1,000 app
 * clients. That is shorter than the interval, so that two sweeps do not run at once.
 */
export class KeySweep extends Construct {
  readonly function: IFunction
  /** It has no action; add yours. */
  readonly alarm: Alarm

  constructor(scope: Construct, id: string, props: KeySweepProps) {
    super(scope, id)
    const sweep = buildFunction(this, 'sweep', {
      ...props.handler,
      environment: { ...props.environment },
      policy: props.policy,
      userPoolId: props.userPool.userPoolId,
      timeout: Duration.minutes(4),
    })
    this.function = sweep
    // The next sweep repeats what one left undone, so Lambda does not have to.
    sweep.configureAsyncInvoke({ retryAttempts: 0 })
    new Rule(this, 'EveryFiveMinutes', {
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(5) })],
    })
    this.alarm = sweep.metricErrors({ period: Duration.minutes(5) }).createAlarm(this, 'Fails', {
      alarmDescription: 'Three sweeps in a row failed: expired keys and old secrets stay valid.',
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
  }
}
