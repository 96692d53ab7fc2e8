'use client'

export {
  createDevtools,
  type Devtools,
  type DevtoolsAttempt,
  type DevtoolsCall,
  type DevtoolsOptions,
} from '../../devtools/recorder.ts'
export type { LocalControls, LocalFault } from '../../devtools/local-controls.ts'
export { IamDevtools, iamDevtoolsPlugin, type IamDevtoolsProps } from './panel.tsx'
