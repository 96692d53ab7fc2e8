import { parseDocument, type CollectionTag, type ScalarTag } from 'yaml'
import { isDictionary, type Dictionary } from './values.ts'

/**
 * The short forms of CloudFormation's functions: `!Ref X` is `{ Ref: X }`, `!Sub x` is `{ 'Fn::Sub': x }`.
 *
 * @see [AWS: intrinsic functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html)
 */
const SHORT_FORMS = [
  'Ref',
  'Condition',
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'ForEach',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Length',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
  'ToJsonString',
  'Transform',
]

/** Functions whose long form has no prefix. */
const PLAIN = ['Ref', 'Condition']

const longForm = (name: string): string => (PLAIN.includes(name) ? name : `Fn::${name}`)

const TAGS: (ScalarTag | CollectionTag)[] = SHORT_FORMS.flatMap((name) => {
  const tag = `!${name}`
  const wrap = (value: unknown): Dictionary => ({ [longForm(name)]: value })
  const ofCollection = (node: { toJSON(): unknown }): Dictionary => wrap(node.toJSON())
  return [
    { tag, resolve: (text: string) => wrap(name === 'GetAtt' ? attributeOf(text) : text) },
    { tag, collection: 'seq' as const, resolve: ofCollection },
    { tag, collection: 'map' as const, resolve: ofCollection },
  ]
})

/** `Function.Arn`: the attribute is what comes after the first dot. */
function attributeOf(text: string): readonly string[] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)]
}

/** Merging keys and a thousand aliases are enough for a template, and a file that expands without limit is refused. */
const MOST_ALIASES = 1_000

/**
 * Parses a template of CloudFormation or SAM, in YAML or JSON.
 *
 * @throws Error that says where the text is wrong.
 */
export function parseTemplate(text: string): Dictionary {
  const template = parseYaml(text)
  if (isDictionary(template) && isDictionary(template['Resources'])) return template
  throw new Error('It has no Resources.')
}

/** Parses a part of a template. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: TAGS, merge: true, logLevel: 'error' })
  const [error] = document.errors
  if (error) throw new Error(error.message)
  return document.toJS({ maxAliasCount: MOST_ALIASES })
}
