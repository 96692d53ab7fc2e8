import {
  startLocalStack,
  type ApiDefinition,
  type Clock,
  type LocalStack,
  type StartOptions,
} from '@iamfetch/local'
import access, { tenantNames, type Tenant } from './access.ts'
import { consumerApi } from './consumer-api.ts'
import { createConsumer, type Consumer, type ConsumerOptions } from './consumer.ts'

type ConsumerName = `consumer-${Tenant}`

/** The provider's definition with the consumers' APIs. */
type Definition = Omit<typeof access, 'apis'> & {
  apis: (typeof access)['apis'] & Record<ConsumerName, ApiDefinition>
}

/** The provider and a consumer for each tenant, running. */
export interface PremiumContent {
  readonly stack: LocalStack<Definition>
  /** The time that all of them go by; nothing for the machine's own. */
  readonly clock: Clock | undefined
  /** What a consumer of this tenant has to know. */
  readonly optionsFor: (tenant: Tenant) => ConsumerOptions
  /** Where a tenant's consumer listens. */
  readonly urlOf: (tenant: Tenant) => string
  readonly stop: () => Promise<void>
}

/** Starts the provider, and for each tenant a consumer as an API of its own, `consumer-<tenant>`. */
export async function startPremiumContent(options: StartOptions = {}): Promise<PremiumContent> {
  // A consumer is made when it is first called: where the provider listens is known by then.
  const consumers = new Map<Tenant, Consumer>()
  const consumerOf = (tenant: Tenant): Consumer => {
    const consumer = consumers.get(tenant) ?? createConsumer(optionsFor(tenant))
    consumers.set(tenant, consumer)
    return consumer
  }
  const api = (tenant: Tenant): ApiDefinition =>
    consumerApi({
      unauthorizedRead: () => consumerOf(tenant).unauthorizedRead(),
      authorizedRead: () => consumerOf(tenant).authorizedRead(),
      authorizedWrite: () => consumerOf(tenant).authorizedWrite(),
    })
  const apis = Object.fromEntries(
    tenantNames.map((tenant) => [`consumer-${tenant}`, api(tenant)]),
  ) as Record<ConsumerName, ApiDefinition>
  const definition: Definition = { ...access, apis: { ...access.apis, ...apis } }
  const stack = await startLocalStack(definition, options)
  const { region, endpoints } = stack.config
  const optionsFor = (tenant: Tenant): ConsumerOptions => ({
    region,
    providerUrl: stack.config.apis.provider.url,
    tokenUrl: `${endpoints.oauth}/oauth2/token`,
    clientId: stack.appClients[tenant].clientId,
    secretId: tenant,
    secretsManagerUrl: endpoints.secretsManager,
    credentials: stack.roles[tenant],
    clock: options.clock,
  })
  return {
    stack,
    clock: options.clock,
    optionsFor,
    urlOf: (tenant) => stack.config.apis[`consumer-${tenant}`].url,
    stop: () => stack.stop(),
  }
}
