import type { Clock } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import { drawText, drawUuid, LOWER, UPPER, DIGITS, type Random } from '../random.ts'

/** One value that a secret has or had. */
export interface SecretVersion {
  readonly id: string
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** A secret of Secrets Manager. */
export interface Secret {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When a value was added or a label moved. */
  readonly changedAt: number
  /** Every version that has a label, by its ID, with its labels. */
  readonly stages: Readonly<Record<string, readonly string[]>>
  /** @returns `undefined` if no version has the label or the ID. */
  version(selector: {
    id?: string | undefined
    stage?: string | undefined
  }): SecretVersion | undefined
  /** The labels of a version, sorted. */
  stagesOf(version: SecretVersion): readonly string[]
  /** Adds a version and moves labels onto it. With `AWSCURRENT`, the previous version becomes `AWSPREVIOUS`. */
  put(text: string, stages: readonly string[], id?: string): SecretVersion
  /** Moves a label to a version, or takes it away. If it is `AWSCURRENT`, the version that had it becomes `AWSPREVIOUS`. */
  move(stage: string, to: SecretVersion | undefined): void
}

/** The secrets of a stack. */
export interface Secrets {
  /** @param id  Name or ARN, the ARN with or without its last six characters. */
  find(id: string): Secret | undefined
  add(name: string, text: string, more?: { versionId?: string; description?: string }): Secret
  all(): readonly Secret[]
  /** The ARN of a secret that does not exist yet, without its last six characters. */
  arnOf(name: string): string
}

/** Creates an empty Secrets Manager. It is in memory. */
export function createSecrets({
  ids,
  clock,
  random,
}: {
  ids: Ids
  clock: Clock
  random: Random
}): Secrets {
  const secrets = new Map<string, Secret>()
  const arnOf = (name: string): string =>
    `arn:aws:secretsmanager:${ids.region}:${ids.accountId}:secret:${name}`
  return {
    arnOf,
    find(id) {
      const all = [...secrets.values()]
      return secrets.get(id) ?? all.find(({ arn }) => id === arn || id === arn.slice(0, -7))
    },
    all: () => [...secrets.values()],
    add(name, text, { versionId, description } = {}) {
      const suffix = drawText(random, LOWER + UPPER + DIGITS, 6)
      const secret = secretOf({ name, arn: `${arnOf(name)}-${suffix}`, description }, clock, random)
      secret.put(text, ['AWSCURRENT'], versionId)
      secrets.set(name, secret)
      return secret
    },
  }
}

function secretOf(
  named: Pick<Secret, 'name' | 'arn' | 'description'>,
  clock: Clock,
  random: Random,
): Secret {
  const createdAt = clock.now()
  let changedAt = createdAt
  const versions = new Map<string, SecretVersion>()
  const labels = new Map<string, SecretVersion>()
  const stagesOf: Secret['stagesOf'] = (version) =>
    [...labels]
      .filter(([, labelled]) => labelled === version)
      .map(([label]) => label)
      .toSorted()
  return {
    ...named,
    createdAt,
    get changedAt() {
      return changedAt
    },
    get stages() {
      return Object.fromEntries(
        [...labels.values()].map((labelled) => [labelled.id, stagesOf(labelled)]),
      )
    },
    version({ id, stage }) {
      const labelled = labels.get(stage ?? 'AWSCURRENT')
      if (id === undefined) return labelled
      const version = versions.get(id)
      return stage === undefined || version === labelled ? version : undefined
    },
    stagesOf,
    move(stage, to) {
      changedAt = clock.now()
      const from = labels.get(stage)
      if (to) labels.set(stage, to)
      else labels.delete(stage)
      if (stage === 'AWSCURRENT' && from && to && from !== to) labels.set('AWSPREVIOUS', from)
    },
    put(text, stages, id = drawUuid(random)) {
      changedAt = clock.now()
      const version = { id, text, createdAt: changedAt }
      versions.set(id, version)
      const before = labels.get('AWSCURRENT')
      if (before && stages.includes('AWSCURRENT')) labels.set('AWSPREVIOUS', before)
      for (const stage of stages) labels.set(stage, version)
      return version
    },
  }
}
