'use client'

import type { CognitoCredentials } from '@iamfetch/cognito'
import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useMemo,
  type ReactElement,
  type ReactNode,
} from 'react'
import type { Permissions } from '../permissions.ts'
import { noteFirstCaller } from './first-callers.ts'

/** What the hooks read. Functions only, so that no inspection of the component tree shows a secret. */
interface Iam {
  /** The `fetch` that `createIamFetch` returned for these credentials. */
  readonly fetch: typeof globalThis.fetch
  /** The credentials that `cognitoCredentials` returned. */
  readonly credentials: CognitoCredentials
  /** What `createPermissions` returned, for `useCan` and `Can`. Defaults to none. */
  readonly permissions?: Permissions | undefined
}

/** The props of {@link IamProvider}. Create all of them once, outside of components. */
export interface IamProviderProps extends Iam {
  /** What is rendered below. Defaults to nothing. */
  readonly children?: ReactNode
}

const PROPS: OptionNames<IamProviderProps> = {
  fetch: true,
  credentials: true,
  permissions: true,
  children: true,
}

const IamContext = createContext<Iam | undefined>(undefined)

/**
 * Passes the signing `fetch` and its credentials to the hooks below.
 *
 * It does nothing by itself: it starts no exchange, and no listener is left when it unmounts.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` if a prop is missing or unknown.
 * @example
 * ```tsx
 * <IamProvider fetch={iamFetch} credentials={credentials}>
 *   <App />
 * </IamProvider>
 * ```
 */
export function IamProvider(props: IamProviderProps): ReactElement {
  checkOptions('IamProvider', props, PROPS)
  const { fetch, credentials, permissions, children } = props
  if (typeof fetch !== 'function') {
    throw invalidOption('IamProvider', '"fetch" must be what createIamFetch returned', fetch)
  }
  if (typeof credentials?.subscribe !== 'function') {
    const problem = '"credentials" must be what cognitoCredentials returned'
    throw invalidOption('IamProvider', problem, credentials)
  }
  if (permissions !== undefined && typeof permissions?.can !== 'function') {
    const problem = '"permissions" must be what createPermissions returned'
    throw invalidOption('IamProvider', problem, permissions)
  }
  useEffect(() => noteFirstCaller(credentials), [credentials])
  const iam = useMemo(
    () => ({ fetch, credentials, permissions }),
    [fetch, credentials, permissions],
  )
  return createElement(IamContext.Provider, { value: iam }, children)
}

/** Returns what the nearest provider passes down. */
export function useIam(): Iam {
  const iam = useContext(IamContext)
  if (!iam)
    throw new TypeError(
      'There is no <IamProvider> above the component that uses this hook, or iamfetch is installed twice: run `npm ls iamfetch`.',
    )
  return iam
}
