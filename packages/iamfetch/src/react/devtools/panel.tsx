'use client'

import type { CognitoCredentials } from '@iamfetch/cognito'
import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import type { ReactElement } from 'react'
import type { Devtools } from '../../devtools/recorder.ts'
import { CallList } from './call-list.tsx'
import { Controls } from './controls.tsx'
import { SignedIn } from './signed-in.tsx'
import { STYLES } from './styles.ts'

/** The props of {@link IamDevtools}. */
export interface IamDevtoolsProps {
  /** What `createDevtools` returned. */
  readonly devtools: Devtools
  /** The credentials that the calls are signed with. */
  readonly credentials: CognitoCredentials
}

const PROPS: OptionNames<IamDevtoolsProps> = { devtools: true, credentials: true }

/**
 * Shows who is signed in, with which role, and what became of each call. For development: import it where your bundler leaves it
 * out of a production build.
 *
 * It needs no `IamProvider`, and shows no query, header, body, token or key.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```tsx
 * const DevPanel = import.meta.env.DEV ? lazy(() => import('./dev-panel.tsx')) : () => null
 * // dev-panel.tsx:
 * export default () => <IamDevtools devtools={devtools} credentials={credentials} />
 * ```
 */
export function IamDevtools(props: IamDevtoolsProps): ReactElement {
  checkOptions('IamDevtools', props, PROPS)
  const { devtools, credentials } = props
  if (typeof devtools?.observeFetch !== 'function') {
    throw invalidOption('IamDevtools', '"devtools" must be what createDevtools returned', devtools)
  }
  if (typeof credentials?.subscribe !== 'function') {
    const problem = '"credentials" must be what cognitoCredentials returned'
    throw invalidOption('IamDevtools', problem)
  }
  const { controls } = devtools
  return (
    <section className="iamfetch-devtools" aria-label="iamfetch">
      <style>{STYLES}</style>
      <SignedIn credentials={credentials} />
      {controls && <Controls controls={controls} credentials={credentials} />}
      <CallList devtools={devtools} />
    </section>
  )
}

/**
 * Returns the panel as a plugin of TanStack Devtools.
 *
 * @see [TanStack Devtools: plugins](https://tanstack.com/devtools/latest/docs/framework/react/basic-setup)
 * @example
 * ```tsx
 * <TanStackDevtools plugins={[iamDevtoolsPlugin({ devtools, credentials })]} />
 * ```
 */
export function iamDevtoolsPlugin(props: IamDevtoolsProps): {
  id: string
  name: string
  render: ReactElement
} {
  checkOptions('iamDevtoolsPlugin', props, PROPS)
  return { id: 'iamfetch', name: 'iamfetch', render: <IamDevtools {...props} /> }
}
