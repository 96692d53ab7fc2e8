import type { CognitoCredentials, CredentialStatus } from '@iamfetch/cognito'
import { listeners } from '@iamfetch/core'

/** What one role may do with one route, as the table says. */
export interface RoutePermission {
  /** `allow`, `deny` or `depends`. A text, because JSON that is imported has no narrower type. */
  readonly effect: string
  /** The statement of the role's policy that decides. `undefined` if no statement allows the route, or if it needs no permission. */
  readonly statement?: string
  /** For `depends`: what decides when the call is made, such as `aws:SourceIp`. */
  readonly dependsOn?: readonly string[]
}

/** The file that `npx @iamfetch/local permissions` and the Vite plugin write. */
export interface PermissionTable {
  readonly version: number
  readonly groups: readonly { readonly group: string; readonly role: string }[]
  readonly defaultRole?: string | null
  readonly alwaysDefaultRole: boolean
  readonly guestRole?: string | null
  readonly roles: {
    readonly [role: string]: { readonly [route: string]: RoutePermission }
  }
}

/** The routes of a table. */
export type RouteOf<Table extends PermissionTable> = {
  [Role in keyof Table['roles']]: keyof Table['roles'][Role]
}[keyof Table['roles']] &
  string

/** A hint, and where it comes from. */
export interface PermissionHint extends RoutePermission {
  /** The name of the user's role in the table. */
  readonly role: string
}

/** A call had another outcome than the table says, so the table is older than the policies. Nothing in it is secret. */
export interface OutdatedEvent {
  readonly type: 'outdated'
  readonly route: string
  readonly role: string
  /** The effect in the table. The call had the opposite outcome. */
  readonly expected: 'allow' | 'deny'
}

/** Hints about what the user who is signed in may call. Created by {@link createPermissions}. */
export interface Permissions<Route extends string = string> {
  /**
   * Whether the user may call a route, as far as the table tells. It is a hint for a page: IAM decides when the call is made.
   *
   * `undefined` while that is not known: before the token was read, if a condition decides (`depends`), and if the role is not in the
   * table. `false` if no user is signed in, unless the route needs no permission.
   */
  can(route: Route): boolean | undefined
  /** The entry of the table for the user's role. `undefined` if the role is not known. */
  hint(route: Route): PermissionHint | undefined
  /** Calls `listener` when hints may have changed. @returns A function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void
  /** The routes of the table. */
  readonly routes: readonly string[]
  /**
   * Begins to observe a call of the present user. {@link watchPermissions} calls it.
   *
   * @returns A function that notes the outcome of the call: `can` returns it from now on for this user and role. It returns an event if
   *   the table says the opposite, and does nothing if the user or the role has changed since.
   */
  observe(): (route: string, allowed: boolean) => OutdatedEvent | undefined
}

/**
 * Reports what the user who is signed in may call, from a table that was written when the page was built. It sends nothing.
 *
 * It is a hint, for example to disable a button: IAM decides when a call is made, and a page that hides a button protects nothing.
 *
 * It follows the role that the token predicts, `switchRole`, sign-out and other users. With the credentials of `withRole` it follows
 * that role.
 *
 * @param table        What `npx @iamfetch/local permissions` wrote.
 * @param credentials  What `cognitoCredentials` returned.
 * @throws `TypeError` with the code `INVALID_OPTION` for a table of another version, and without credentials.
 * @example
 * ```ts
 * const permissions = createPermissions(table, credentials)
 * if (permissions.can('POST /notes') === false) hideForm()
 * ```
 */
export function createPermissions<const Table extends PermissionTable>(
  table: Table,
  credentials: Pick<CognitoCredentials, 'status' | 'subscribe'>,
): Permissions<RouteOf<Table>> {
  checkArguments(table, credentials)
  const { roles }: PermissionTable = table
  const [firstRole = {}] = Object.values(roles)
  const tableListeners = listeners()
  /** What calls of the present user with the present role proved. */
  let proven = { caller: '', routes: new Map<string, boolean>() }
  const roleNow = (): string | null | undefined => {
    const status = credentials.status()
    const role = roleOf(table, status)
    const caller = JSON.stringify([status.issuer, status.sub, role])
    if (caller !== proven.caller) proven = { caller, routes: new Map() }
    return role
  }
  const expected = (route: string, role: string | null | undefined): boolean | undefined => {
    if (isOpen(firstRole[route])) return true
    if (role === undefined || !firstRole[route]) return undefined
    const effect = role === null ? 'deny' : roles[role]?.[route]?.effect
    if (effect === 'allow') return true
    // A row without the route, and a word of a later version, say nothing.
    return effect === 'deny' ? false : undefined
  }
  return {
    routes: Object.keys(firstRole),
    can(route) {
      const role = roleNow()
      return proven.routes.get(route) ?? expected(route, role)
    },
    hint(route) {
      const role = roleNow()
      const row = role ? roles[role]?.[route] : undefined
      return row && role ? { role, ...row } : undefined
    },
    subscribe(listener) {
      const ends = [tableListeners.subscribe(listener), credentials.subscribe(listener)]
      return () => ends.forEach((end) => end())
    },
    observe() {
      const role = roleNow()
      const { caller } = proven
      return (route, allowed) => {
        roleNow()
        const predicted = expected(route, role)
        if (!role || predicted === undefined || caller !== proven.caller) return undefined
        if ((proven.routes.get(route) ?? predicted) === allowed) return undefined
        proven.routes.set(route, allowed)
        tableListeners.notify()
        if (predicted === allowed) return undefined
        return { type: 'outdated', route, role, expected: predicted ? 'allow' : 'deny' }
      }
    },
  }
}

function checkArguments(
  table: PermissionTable,
  credentials: Pick<CognitoCredentials, 'subscribe'>,
): void {
  if (table?.version !== 1) {
    throw invalid(new TypeError('createPermissions: "table" must be a table of version 1'))
  }
  if (typeof credentials?.subscribe !== 'function') {
    throw invalid(
      new TypeError('createPermissions: "credentials" must be what cognitoCredentials returned'),
    )
  }
}

/** Not `invalidOption`, which shows values and is a third of the size of this entry point. */
const invalid = (error: TypeError): TypeError => Object.assign(error, { code: 'INVALID_OPTION' })

/** A route that needs no permission is allowed without a statement. */
const isOpen = (permission: RoutePermission | undefined): boolean =>
  permission?.effect === 'allow' && permission.statement === undefined

/** The name of the user's role in the table; `null` if the user has none, `undefined` if it is not known. */
function roleOf(table: PermissionTable, status: CredentialStatus): string | null | undefined {
  const { signedIn, identityId, role, roles = [], preferredRole, groups } = status
  const { defaultRole, guestRole } = table
  if (signedIn === undefined) return undefined
  if (!signedIn) return identityId === undefined && guestRole ? undefined : (guestRole ?? null)
  if (table.alwaysDefaultRole) return defaultRole
  const arn = role ?? (preferredRole || (roles.length === 1 ? roles[0] : undefined))
  if (arn === undefined) return defaultRole
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  if (Object.hasOwn(table.roles, name)) return name
  if (role !== undefined) return undefined
  // A deployment may have given the role another name. The groups in the table are in the order of their precedence.
  return table.groups.find(({ group }) => groups.includes(group))?.role
}

export { watchPermissions, type WatchOptions } from './watch-permissions.ts'
