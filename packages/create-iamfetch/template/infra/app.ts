// `npx cdk deploy`: what stack.ts defines, the page in dist/, and a table for the notes.
import { fileURLToPath } from 'node:url'
import { IamGuardedApi, StaticSite } from '@iamfetch/cdk'
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import * as handlers from '../api.ts'
import definition from '../stack.ts'

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

const stack = new Stack(new App(), 'Notes', { env: { region: definition.region } })

const table = new Table(stack, 'Table', {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  removalPolicy: RemovalPolicy.DESTROY,
})

const access = new IamGuardedApi(stack, 'Access', {
  definition,
  handlers: { file: path('api.ts'), exports: handlers },
  environment: { NOTES_TABLE: table.tableName },
  // `cdk destroy` deletes the user pool, its users and the notes. Remove this line and the one above to keep them.
  removalPolicy: RemovalPolicy.DESTROY,
})
// A route that stack.ts does not have is an error of the compiler here.
const { functions } = access.apis.notes
table.grant(functions['GET /notes'], 'dynamodb:Query')
table.grant(functions['POST /notes'], 'dynamodb:PutItem')

const site = new StaticSite(stack, 'Site', { folder: path('dist'), config: access.siteConfig })

new CfnOutput(stack, 'page', { value: site.url })
new CfnOutput(stack, 'userPoolId', { value: access.siteConfig.userPoolId })
