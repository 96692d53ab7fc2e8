import type { StackDefinition } from './definition.ts'

/** A part of a definition that has members with names. */
export type NamedPart =
  | 'groups'
  | 'users'
  | 'apis'
  | 'functionUrls'
  | 'appClients'
  | 'signInClients'
  | 'resourceServers'
  | 'roles'
  | 'usagePlans'
  | 'apiKeys'

/**
 * A part of a definition with the names that it has: the literal ones, or `Record<string, …>` of a definition whose names are
 * not known to the compiler. `{}` if the definition does not have the part.
 */
export type PartOf<Definition, Part extends NamedPart> = Definition extends {
  readonly [Name in Part]: infer Members
}
  ? NonNullable<Members>
  : Part extends keyof Definition
    ? NonNullable<Definition[Part]>
    : // oxlint-disable-next-line typescript/no-empty-object-type -- the part has no members
      {}

/** The names in a part of a definition. */
export type NamesOf<Definition, Part extends NamedPart> = Extract<
  keyof PartOf<Definition, Part>,
  string
>

/** The groups of a definition. */
export type GroupName<Definition = StackDefinition> = NamesOf<Definition, 'groups'>

/** The users of a definition. */
export type UserName<Definition = StackDefinition> = NamesOf<Definition, 'users'>

/** The APIs of a definition. */
export type ApiName<Definition = StackDefinition> = NamesOf<Definition, 'apis'>

/** The function URLs of a definition. */
export type FunctionUrlName<Definition = StackDefinition> = NamesOf<Definition, 'functionUrls'>

/** The routes of an API, as they are written in the definition: `GET /notes/{id}`. */
export type RouteName<
  Definition = StackDefinition,
  Api extends ApiName<Definition> = ApiName<Definition>,
> = {
  [Name in Api]: PartOf<Definition, 'apis'>[Name] extends { readonly routes: infer Routes }
    ? keyof Routes & string
    : never
}[Api]

/** What the compiler shows in place of a value that is wrong: `Problem<"There is no group \"Editor\".">`. No value has this type. */
export interface Problem<Text extends string> {
  readonly problem: Text
}
