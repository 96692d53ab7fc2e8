'use client'

export { IamProvider, type IamProviderProps } from './provider.ts'
export { Can, useCan, type CanProps, type Register, type RegisteredRoute } from './use-can.ts'
export { useCredentialStatus } from './use-credential-status.ts'
export { useIamFetch } from './use-iam-fetch.ts'
export { useRoles, type Roles } from './use-roles.ts'
