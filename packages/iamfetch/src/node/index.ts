export { assumeRole, type AssumeRoleOptions } from './assume-role.ts'
export { defaultCredentials, type DefaultCredentialsOptions } from './default-credentials.ts'
export { fromContainer, type ContainerOptions } from './from-container.ts'
export { fromEnvironment, type EnvironmentOptions } from './from-environment.ts'
export { fromInstanceMetadata, type InstanceMetadataOptions } from './from-instance-metadata.ts'
export { fromProfile, type ProfileOptions } from './from-profile.ts'
export {
  fromWebIdentity,
  githubActionsToken,
  type GithubActionsTokenOptions,
  type WebIdentityOptions,
} from './from-web-identity.ts'
export type { RoleOptions } from './sts.ts'
