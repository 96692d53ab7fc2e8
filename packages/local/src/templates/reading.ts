import type { HandlerSource } from '../definition/backend.ts'
import type { PolicyDocument } from '@iamfetch/policy'
import type { RawResource } from './physical-ids.ts'
import { refOf } from './physical-ids.ts'
import type { Problems } from './problems.ts'
import type { ResolvedTemplate } from './scope.ts'

/** A template while it is read. */
export interface Reading extends ResolvedTemplate {
  problems: Problems
  /** The folder of the template. */
  folder: string
  /** Functions that were found already. */
  found: Map<string, { handler: HandlerSource } | { missing: string }>
  /** Functions by logical ID, from the options. */
  functions: Readonly<Record<string, HandlerSource>>
  /** The documents of managed policies that the template does not have, by ARN. */
  managedPolicies: Readonly<Record<string, PolicyDocument>>
}

/** A resource with its logical ID. */
export interface Resource extends RawResource {
  logicalId: string
}

/** The resources of some types, in the order of the template, without those that are skipped. */
export const resourcesOf = (
  { resources, problems }: Pick<Reading, 'resources' | 'problems'>,
  ...types: readonly string[]
): Resource[] =>
  [...resources]
    .filter(([logicalId, { type }]) => types.includes(type) && !problems.isSkipped(logicalId))
    .map(([logicalId, resource]) => ({ logicalId, ...resource }))

/** Refuses a resource of which something is not known. */
export function refuseUnknown(
  { problems }: Pick<Reading, 'problems'>,
  logicalId: string,
  unknown: string | undefined,
): void {
  if (unknown !== undefined) problems.refuse(logicalId, unknown)
}

/** What `Ref` to a resource returns. */
export const idOf = (reading: Reading, { logicalId, ...resource }: Resource): string =>
  String(refOf(logicalId, resource, reading))
