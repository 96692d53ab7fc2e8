'use client'

import { useEffect, type ReactNode } from 'react'
import type { Permissions } from '../permissions.ts'
import { useIam } from './provider.ts'
import { checkOnce } from './use-credential-status.ts'
import { useSnapshot } from './use-snapshot.ts'

/**
 * Names the routes of {@link useCan} and {@link Can}. Declare it once, so that a route that does not exist is a compile error:
 *
 * ```ts
 * declare module 'iamfetch/react' {
 *   interface Register {
 *     permissions: typeof permissions
 *   }
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- the application declares its members
export interface Register {}

/** The routes of the permissions in {@link Register}, or any text. */
export type RegisteredRoute = Register extends { readonly permissions: Permissions<infer Route> }
  ? Route
  : string

/**
 * Returns whether the user may call a route, and renders again when that changes: `true`, `false`, or `undefined` while it is not known.
 *
 * It is a hint: IAM decides when the call is made. When it mounts, it reads the ID token if that was not read before; it starts no
 * exchange.
 *
 * @throws `TypeError` if there is no `IamProvider` with `permissions` above.
 * @example
 * ```tsx
 * const mayWrite = useCan('POST /notes')
 * return <button disabled={mayWrite === false}>Add</button>
 * ```
 */
export function useCan(route: RegisteredRoute): boolean | undefined {
  const { credentials, permissions } = useIam()
  if (!permissions) {
    throw new TypeError(
      'useCan: "permissions" of <IamProvider> is missing. Pass what createPermissions returned.',
    )
  }
  useEffect(() => checkOnce(credentials), [credentials])
  return useSnapshot(
    permissions.subscribe,
    () => permissions.can(route),
    () => undefined,
  )
}

/** The props of {@link Can}. */
export interface CanProps {
  readonly route: RegisteredRoute
  /** Rendered if the user may call the route. */
  readonly children?: ReactNode
  /** Rendered if the user may not. Defaults to nothing. */
  readonly otherwise?: ReactNode
  /** Rendered while it is not known. Defaults to `children`: IAM decides when the call is made. */
  readonly unknown?: ReactNode
}

/**
 * Renders its children if the user may call a route. A hint, as {@link useCan} is.
 *
 * @throws `TypeError` if there is no `IamProvider` with `permissions` above.
 * @example
 * ```tsx
 * <Can route="POST /notes" otherwise={<p>You may only read.</p>}>
 *   <NoteForm />
 * </Can>
 * ```
 */
export function Can({ route, children, otherwise, unknown = children }: CanProps): ReactNode {
  const can = useCan(route)
  if (can === undefined) return unknown
  return can ? children : otherwise
}
