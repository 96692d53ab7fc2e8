'use client'

import type { CognitoCredentials } from '@iamfetch/cognito'
import {
  createContext,
  createElement,
  useContext,
  useMemo,
  type ReactElement,
  type ReactNode,
} from 'react'

/** What the hooks find above them. Functions alone, so that no inspection of the tree shows a secret. */
interface Iam {
  readonly fetch: typeof globalThis.fetch
  readonly credentials: CognitoCredentials
}

/** What an {@link IamProvider} hands down. Make both once, outside of components. */
export interface IamProviderProps extends Iam {
  /** @default nothing */
  readonly children?: ReactNode
}

const IamContext = createContext<Iam | undefined>(undefined)

/**
 * Hands the signing `fetch` and its credentials to the hooks below.
 *
 * Does nothing by itself: no exchange starts, no listener is left when it unmounts.
 *
 * @param props.fetch        What `createIamFetch` gave for these credentials.
 * @param props.credentials  What `cognitoCredentials` gave.
 */
export function IamProvider({ fetch, credentials, children }: IamProviderProps): ReactElement {
  const iam = useMemo(() => ({ fetch, credentials }), [fetch, credentials])
  return createElement(IamContext.Provider, { value: iam }, children)
}

/** What the nearest provider hands down. */
export function useIam(): Iam {
  const iam = useContext(IamContext)
  if (!iam)
    throw new TypeError(
      'There is no <IamProvider> above the component that uses this hook, or iamfetch is there twice: `npm ls iamfetch`.',
    )
  return iam
}
