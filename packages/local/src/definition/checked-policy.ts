import type { PolicyStatement } from '@iamfetch/policy'
import type { ApiName, Problem } from './names.ts'

/**
 * What the compiler checks in a policy in addition to its shape: members that statements of this kind do not have, exactly one
 * of `Action` and `NotAction` and of `Resource` and `NotResource`, the form of actions, operators of conditions, and that
 * `API_ID_name` names an API. Text that is not literal is checked when the stack starts.
 */
export type CheckedPolicy<Policy, Kind, Definition> = Policy extends {
  readonly Statement: infer Statement
}
  ? Statement extends readonly unknown[]
    ? {
        readonly Statement: {
          readonly [Index in keyof Statement]: CheckedStatement<Statement[Index], Kind, Definition>
        }
      }
    : { readonly Statement: CheckedStatement<Statement, Kind, Definition> }
  : unknown

/** A statement whose members are not known to the compiler is not checked. */
type CheckedStatement<Statement, Kind, Definition> = PolicyStatement extends Statement
  ? unknown
  : {
      readonly [Key in keyof Statement]: CheckedElement<Key, Statement, Kind, Definition>
    } & Exclusive<Statement, 'Action'> &
      (Kind extends 'identity' ? Exclusive<Statement, 'Resource'> : unknown)

type CheckedElement<Key extends keyof Statement, Statement, Kind, Definition> = Key extends
  | 'Resource'
  | 'NotResource'
  ? Kind extends 'trust'
    ? Problem<'A trust policy has no resource.'>
    : CheckedTexts<Statement[Key], 'resource', Definition>
  : Key extends 'Principal'
    ? Kind extends 'identity'
      ? Problem<'The policy of a role has no Principal; "trust" has one.'>
      : unknown
    : Key extends 'Action' | 'NotAction'
      ? CheckedTexts<Statement[Key], 'action', Definition>
      : Key extends 'Condition'
        ? CheckedCondition<NonNullable<Statement[Key]>>
        : Key extends keyof PolicyStatement
          ? unknown
          : Problem<`"${Key & string}" is not an element of a statement.`>

type Exclusive<Statement, Name extends 'Action' | 'Resource'> = Name extends keyof Statement
  ? `Not${Name}` extends keyof Statement
    ? {
        readonly [
          Key in `Not${Name}`
        ]: Problem<`Not${Name} must not be given together with ${Name}.`>
      }
    : unknown
  : `Not${Name}` extends keyof Statement
    ? unknown
    : { readonly [Key in Name]: Problem<`The statement needs ${Name} or Not${Name}.`> }

/** One text, or a list of them. */
type CheckedTexts<Texts, Of, Definition> = Texts extends string
  ? CheckedText<Texts, Of, Definition>
  : { readonly [Index in keyof Texts]: CheckedText<Texts[Index], Of, Definition> }

type CheckedText<Text, Of, Definition> = string extends Text
  ? unknown
  : Of extends 'action'
    ? Text extends '*' | `${string}:${string}`
      ? unknown
      : Problem<`"${Text & string}" must be "*" or service:Action, such as "execute-api:Invoke".`>
    : Text extends `arn:${string}:${string}:${string}:${string}:API_ID${infer Rest}`
      ? CheckedApiId<Rest, Definition>
      : Text extends '*' | `arn:${string}:${string}` | `\${${string}`
        ? unknown
        : Problem<`"${Text & string}" must be "*" or an ARN.`>

/** What follows `API_ID`: `/*\/GET/notes`, or `_notes/*\/GET/notes`. */
type CheckedApiId<Rest, Definition> =
  string extends ApiName<Definition>
    ? unknown
    : Rest extends `_${infer Name}/${string}`
      ? KnownApi<Name, Definition>
      : Rest extends `_${infer Name}`
        ? KnownApi<Name, Definition>
        : Rest extends '' | `/${string}`
          ? [ApiName<Definition>] extends [never]
            ? Problem<'API_ID needs an API, and the definition has none.'>
            : IsUnion<ApiName<Definition>> extends true
              ? Problem<'API_ID is ambiguous with several APIs; write API_ID_ and the name of one.'>
              : unknown
          : unknown

type KnownApi<Name, Definition> = string extends Name
  ? unknown
  : Name extends ApiName<Definition> | `${string}${'*' | '?' | '$'}${string}`
    ? unknown
    : Problem<`There is no API "${Name & string}".`>

type IsUnion<Type, Each = Type> = Each extends unknown
  ? [Type] extends [Each]
    ? false
    : true
  : never

type CheckedCondition<Condition> = {
  readonly [Operator in keyof Condition]: Operator extends ConditionOperator
    ? unknown
    : string extends Operator
      ? unknown
      : Problem<`"${Operator & string}" is not a condition operator of IAM.`>
}

/** @see [AWS: condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html) */
type ConditionOperator =
  | `${'' | 'ForAnyValue:' | 'ForAllValues:'}${ComparingOperator}${'' | 'IfExists'}`
  | 'Null'

type Order = 'LessThan' | 'LessThanEquals' | 'GreaterThan' | 'GreaterThanEquals'

type ComparingOperator =
  | `String${'' | 'Not'}${'Equals' | 'EqualsIgnoreCase' | 'Like'}`
  | `${'Numeric' | 'Date'}${'Equals' | 'NotEquals' | Order}`
  | `Arn${'' | 'Not'}${'Equals' | 'Like'}`
  | `${'' | 'Not'}IpAddress`
  | 'Bool'
  | 'BinaryEquals'
