export { acknowledge } from './acknowledge.ts'
export {
  KeySweep,
  KeyTable,
  type KeySweepProps,
  type KeyTableProps,
} from './developer-access-keys.ts'
export type { GuardedApi, GuardedApiProps, Throttle } from './guarded-api.ts'
export type { HandlerFile } from './handler-file.ts'
export { GuardedHttpApi } from './http-api.ts'
export { IamGuardedApi, type GuardedApis, type IamGuardedApiProps } from './iam-guarded-api.ts'
export { GroupIdentityPool, type GroupIdentityPoolProps } from './identity-pool.ts'
export { MachineClients, type MachineClientsProps } from './machine-clients.ts'
export { GuardedRestApi } from './rest-api.ts'
export { StaticSite, type SiteConfig, type StaticSiteProps } from './static-site.ts'
export { GuardedUserPool, type GuardedUserPoolProps } from './user-pool.ts'
