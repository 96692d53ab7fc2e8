/** The part of a definition that calls are typed by. What `defineStack` of `@iamfetch/local` returns is one. */
export interface TypedDefinition {
  readonly apis?: {
    readonly [api: string]: { readonly routes: { readonly [route: string]: object } }
  }
}

type Apis<Definition> = Definition extends { readonly apis: infer All } ? All : never

/** The names of a definition's APIs. */
export type ApiOf<Definition> = keyof Apis<Definition> & string

type RoutesOf<Definition, Api extends ApiOf<Definition>> = {
  [Name in Api]: Apis<Definition>[Name] extends { readonly routes: infer Routes } ? Routes : never
}[Api]

/** The keys of every member of a union. */
type KeyOfEach<Value> = Value extends unknown ? keyof Value & string : never

/** The routes that can be called by name: all but `$default` and those of a WebSocket API. */
export type CallableRoute<Definition, Api extends ApiOf<Definition>> = Extract<
  KeyOfEach<RoutesOf<Definition, Api>>,
  `${string} /${string}`
>

/** The value at a route in any of the APIs. */
type RouteAt<Routes, Route> = Routes extends { readonly [Key in Route & string]: infer Value }
  ? Value
  : never

/** What a route returns, as its caller sees it. */
export type ResultOf<Definition, Api extends ApiOf<Definition>, Route> = HandlerResult<
  RouteAt<RoutesOf<Definition, Api>, Route>
>

/**
 * The body that a handler returns. `unknown` if it returns a response with a status code and a text, if it is in another file, and if
 * it has no type.
 */
type HandlerResult<Value> = Value extends {
  readonly handler: (...given: never[]) => infer Returned
}
  ? 0 extends 1 & Awaited<Returned>
    ? unknown
    : [BodyIn<Awaited<Returned>>] extends [never]
      ? unknown
      : AsJson<BodyIn<Awaited<Returned>>>
  : unknown

/** A result with a status code is a response for the gateway, and its body is a text. */
type BodyIn<Returned> = Exclude<Returned, { readonly statusCode: unknown }>

/** A value after `JSON.stringify` and `JSON.parse`. */
export type AsJson<Value> = unknown extends Value
  ? unknown
  : Value extends { toJSON(): infer Result }
    ? AsJson<Result>
    : Value extends (...given: never[]) => unknown
      ? never
      : Value extends object
        ? { -readonly [Key in keyof Value]: AsJson<Value[Key]> }
        : Value

/** The names of the parameters in a route: `id` of `GET /notes/{id}`, `proxy` of `ANY /{proxy+}`. */
export type ParamOf<Route> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Greedy}+` ? Greedy : Name) | ParamOf<Rest>
  : never

/** A validator in the form of Standard Schema, as Zod, Valibot and ArkType have it. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly unknown[] | undefined
      }[]
    }
