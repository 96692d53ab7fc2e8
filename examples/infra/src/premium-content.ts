import { fileURLToPath } from 'node:url'
import { IamGuardedApi } from '@iamfetch/cdk'
import type { StackDefinition } from '@iamfetch/local'
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import access, { type Tenant } from '../../premium-content/access.ts'
import { consumerApi } from '../../premium-content/consumer-api.ts'
import * as consumer from '../../premium-content/consumer-lambda.ts'
import * as handlers from '../../premium-content/handlers.ts'

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../premium-content/${name}`, import.meta.url))
const env = { region: access.region! }

/** The provider of the example `premium-content`: who gives out tokens, and the API that wants them. */
export class PremiumProvider extends Stack {
  readonly providerUrl: string
  readonly tokenUrl: string
  readonly clientIds: Readonly<Record<string, string>>
  readonly secretArns: Readonly<Record<string, string>>

  constructor(scope: Construct, id: string) {
    super(scope, id, { env, description: 'iamfetch: premium content, the provider' })
    const { users, apis } = new IamGuardedApi(this, 'Access', {
      definition: access,
      handlers: { file: fileOf('handlers.ts'), exports: handlers },
      rotateAfter: Duration.days(90),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.providerUrl = apis.provider.url
    this.tokenUrl = users!.tokenUrl!
    this.clientIds = users!.appClientIds
    this.secretArns = Object.fromEntries(
      Object.entries(users!.secrets).map(([name, { secretArn }]) => [name, secretArn]),
    )
    const { providerUrl, tokenUrl } = this
    const outputs = { region: this.region, providerUrl, tokenUrl }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}

/** The service of one tenant: three routes that call the provider. */
export class PremiumConsumer extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { tenant, provider }: { tenant: Tenant; provider: PremiumProvider },
  ) {
    super(scope, id, { env, description: `iamfetch: premium content, the service of ${tenant}` })
    const { consumer: api } = new IamGuardedApi(this, 'Service', {
      definition: consumerDefinition(tenant),
      handlers: { file: fileOf('consumer-lambda.ts'), exports: consumer },
      // The call without a token needs no secret.
      runsAs: (_, route) => (route === 'GET /unauthorized-read' ? undefined : tenant),
      environment: {
        PROVIDER_URL: provider.providerUrl,
        TOKEN_URL: provider.tokenUrl,
        CLIENT_ID: provider.clientIds[tenant]!,
        SECRET_ID: provider.secretArns[tenant]!,
      } satisfies Record<consumer.ConsumerVariable, string>,
      // The tenant's role names this secret as the local stack does.
      secretArns: { [tenant]: provider.secretArns[tenant]! },
      // It is open, and each call may cost a token.
      throttle: { rateLimit: 2, burstLimit: 5 },
    }).apis
    new CfnOutput(this, 'consumerUrl', { value: api!.url })
  }
}

/** A tenant's service as a definition of its own: the routes that the local stack has, and the tenant's role. */
const consumerDefinition = (tenant: Tenant): StackDefinition => ({
  ...(access.region !== undefined && { region: access.region }),
  roles: { [tenant]: access.roles![tenant]! },
  apis: { consumer: consumerApi(consumer) },
})
