import type { StackDefinition } from './definition.ts'
import type {
  AnyRouteDefinition,
  ApiDefinition,
  CorsDefinition,
  SocketApiDefinition,
  SocketRouteDefinition,
} from './api.ts'
import type { IdentityPoolDefinition } from './identity-pool.ts'
import type { GroupDefinition, RoleDefinition, ServiceRoleDefinition } from './role.ts'
import type {
  AppClientDefinition,
  HostedUiDefinition,
  SignInClientDefinition,
  UserDefinition,
  UserPoolDefinition,
} from './user-pool.ts'
import type { CheckedPolicy } from './checked-policy.ts'
import type { FunctionUrlDefinition } from './function-url.ts'
import type { GroupName, NamesOf, PartOf, Problem } from './names.ts'

/**
 * What the compiler checks in a definition in addition to its shape: that no part is misspelt, and that names of groups, APIs,
 * scopes and routes exist. A part that is wrong has a sentence in its type, which the compiler shows:
 * `Type '"Editor"' is not assignable to type '"Editor" & Problem<"There is no group \"Editor\".">'`.
 *
 * Names that are not literal, for example of a definition that a function puts together, are checked when the stack starts.
 */
export type CheckedDefinition<Definition> = {
  readonly [Part in keyof Definition]: CheckedPart<Part, NonNullable<Definition[Part]>, Definition>
}

type CheckedPart<Part, Value, Definition> = Part extends 'groups'
  ? CheckedRoles<Value, GroupDefinition, Definition>
  : Part extends 'roles'
    ? CheckedRoles<Value, ServiceRoleDefinition, Definition>
    : Part extends 'users'
      ? CheckedUsers<Value, Definition>
      : Part extends 'apis'
        ? CheckedApis<Value, Definition>
        : Part extends 'identityPool'
          ? CheckedIdentityPool<Value, Definition>
          : Part extends 'appClients'
            ? CheckedClients<Value, AppClientDefinition, Definition>
            : Part extends 'signInClients'
              ? CheckedClients<Value, SignInClientDefinition, Definition>
              : Part extends 'hostedUi'
                ? CheckedClient<Value, HostedUiDefinition, Definition>
                : Part extends 'userPool'
                  ? OnlyKeys<Value, UserPoolDefinition>
                  : Part extends 'functionUrls'
                    ? CheckedFunctionUrls<Value>
                    : Part extends keyof StackDefinition
                      ? unknown
                      : Problem<`"${Part & string}" is not a part of a definition.`>

/** Refuses keys that a shape does not have. */
type OnlyKeys<Value, Shape> = {
  readonly [Key in keyof Value]: Key extends KeyOfEach<Shape>
    ? unknown
    : Problem<`"${Key & string}" is not an option here.`>
}

type CheckedFunctionUrls<Urls> = {
  readonly [Name in keyof Urls]: OnlyKeys<Urls[Name], FunctionUrlDefinition>
}

/** The keys of every member of a union. */
type KeyOfEach<Shape> = Shape extends unknown ? keyof Shape : never

type CheckedRoles<Roles, Shape, Definition> = {
  readonly [Name in keyof Roles]: CheckedRole<Roles[Name], Shape, Definition>
}

type CheckedRole<Role, Shape, Definition> = {
  readonly [Key in keyof Role]: Key extends 'policy'
    ? CheckedPolicy<Role[Key], 'identity', Definition>
    : Key extends 'trust'
      ? CheckedPolicy<Role[Key], 'trust', Definition>
      : Key extends KeyOfEach<Shape>
        ? unknown
        : Problem<`"${Key & string}" is not an option of a role.`>
}

type CheckedIdentityPool<Pool, Definition> = {
  readonly [Key in keyof Pool]: Key extends 'authenticatedRole' | 'unauthenticatedRole'
    ? CheckedRole<NonNullable<Pool[Key]>, RoleDefinition, Definition>
    : Key extends keyof IdentityPoolDefinition
      ? unknown
      : Problem<`"${Key & string}" is not an option of the identity pool.`>
}

type CheckedUsers<Users, Definition> = {
  readonly [Name in keyof Users]: {
    readonly [Key in keyof Users[Name]]: Key extends 'groups'
      ? CheckedGroups<NonNullable<Users[Name][Key]>, GroupName<Definition>>
      : Key extends keyof UserDefinition
        ? unknown
        : Problem<`"${Key & string}" is not an option of a user.`>
  }
}

type CheckedGroups<Groups, Known> = {
  readonly [Index in keyof Groups]: Groups[Index] extends Known
    ? Groups[Index]
    : Groups[Index] extends string
      ? Unless<Groups[Index], Problem<`There is no group "${Groups[Index]}".`>>
      : unknown
}

/** A text that is not literal may be right. */
type Unless<Text, Wrong> = string extends Text ? unknown : Wrong

type CheckedApis<Apis, Definition> = {
  readonly [Name in keyof Apis]: CheckedApi<Apis[Name], Definition>
}

type CheckedApi<Api, Definition> = {
  readonly [Key in keyof Api]: Key extends 'routes'
    ? Api extends { readonly type: infer Type }
      ? CheckedRoutes<Api[Key], Type, Definition>
      : unknown
    : Key extends 'cors'
      ? OnlyKeys<NonNullable<Api[Key]>, CorsDefinition>
      : Key extends KeyOfEach<ApiDefinition | SocketApiDefinition>
        ? unknown
        : Problem<`"${Key & string}" is not an option of an API.`>
}

type CheckedRoutes<Routes, Type, Definition> = Type extends 'websocket'
  ? { readonly [Route in keyof Routes]: OnlyKeys<Routes[Route], SocketRouteDefinition> }
  : ArePlain<Routes, Type> extends true
    ? unknown
    : {
        readonly [Route in keyof Routes]: CheckedNamedRoute<Route, Routes[Route], Type, Definition>
      }

/**
 * Whether all routes have a name that the type of API allows, known options and no scopes. Then there is nothing to check, and
 * the compiler needs no type for each of the routes, which is most of the time for 200 of them.
 */
type ArePlain<Routes, Type> = [keyof Routes] extends [RouteKey<Type>]
  ? [KeyOfEach<Routes[keyof Routes]>] extends [Exclude<RouteOption, 'scopes'>]
    ? true
    : false
  : false

type CheckedNamedRoute<Name, Route, Type, Definition> =
  Name extends RouteKey<Type>
    ? CheckedRoute<Route, Definition>
    : string extends Name
      ? unknown
      : Problem<`"${Name & string}" must be a method, a space and a path, such as "GET /notes/{id}".`>

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'ANY'

type RouteKey<Type> = `${Method} /${string}` | (Type extends 'rest' ? never : '$default')

type RouteOption = KeyOfEach<AnyRouteDefinition>

type CheckedRoute<Route, Definition> =
  keyof Route extends Exclude<RouteOption, 'scopes'>
    ? unknown
    : {
        readonly [Key in keyof Route]: Key extends 'scopes'
          ? CheckedScopes<NonNullable<Route[Key]>, Definition>
          : Key extends RouteOption
            ? unknown
            : Problem<`"${Key & string}" is not an option of a route.`>
      }

type CheckedClients<Clients, Shape, Definition> = {
  readonly [Name in keyof Clients]: CheckedClient<Clients[Name], Shape, Definition>
}

type CheckedClient<Client, Shape, Definition> = {
  readonly [Key in keyof Client]: Key extends 'scopes'
    ? CheckedScopes<NonNullable<Client[Key]>, Definition>
    : Key extends keyof Shape
      ? unknown
      : Problem<`"${Key & string}" is not an option of an app client.`>
}

type CheckedScopes<Scopes, Definition> = {
  readonly [Index in keyof Scopes]: Scopes[Index] extends ScopeOf<Definition>
    ? unknown
    : Scopes[Index] extends string
      ? Unless<Scopes[Index], Problem<`There is no scope "${Scopes[Index]}" in resourceServers.`>>
      : unknown
}

/** What every user pool can put into an access token. */
type OwnScope = 'openid' | 'email' | 'phone' | 'profile' | 'aws.cognito.signin.user.admin'

type ScopeOf<Definition> =
  | OwnScope
  | {
      [Server in NamesOf<Definition, 'resourceServers'>]: PartOf<
        Definition,
        'resourceServers'
      >[Server] extends readonly (infer Scope extends string)[]
        ? `${Server}/${Scope}`
        : never
    }[NamesOf<Definition, 'resourceServers'>]
