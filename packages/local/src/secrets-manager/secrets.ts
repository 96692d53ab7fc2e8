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
  /** @returns Nothing where no version has the label or the ID. */
  version(which: { id?: string | undefined; stage?: string | undefined }): SecretVersion | undefined
  /** The labels of a version, sorted. */
  stagesOf(version: SecretVersion): readonly string[]
  /** Adds a version and moves labels onto it. With `AWSCURRENT`, the one before becomes `AWSPREVIOUS`. */
  put(text: string, stages: readonly string[], id?: string): SecretVersion
}

/** The secrets of a stack. */
export interface Secrets {
  /** @param id  Name or ARN, the ARN with or without its last six characters. */
  find(id: string): Secret | undefined
  add(name: string, text: string): Secret
}

/** Makes an empty Secrets Manager. It lives in memory. */
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
  return {
    find(id) {
      const all = [...secrets.values()]
      return secrets.get(id) ?? all.find(({ arn }) => id === arn || id === arn.slice(0, -7))
    },
    add(name, text) {
      const suffix = drawText(random, LOWER + UPPER + DIGITS, 6)
      const arn = `arn:aws:secretsmanager:${ids.region}:${ids.accountId}:secret:${name}-${suffix}`
      const secret = secretOf(name, arn, clock, random)
      secret.put(text, ['AWSCURRENT'])
      secrets.set(name, secret)
      return secret
    },
  }
}

function secretOf(name: string, arn: string, clock: Clock, random: Random): Secret {
  const versions = new Map<string, SecretVersion>()
  const labels = new Map<string, SecretVersion>()
  return {
    name,
    arn,
    version({ id, stage }) {
      const labelled = labels.get(stage ?? 'AWSCURRENT')
      if (id === undefined) return labelled
      const version = versions.get(id)
      return stage === undefined || version === labelled ? version : undefined
    },
    stagesOf: (version) =>
      [...labels]
        .filter(([, one]) => one === version)
        .map(([label]) => label)
        .toSorted(),
    put(text, stages, id = drawUuid(random)) {
      const version = { id, text, createdAt: clock.now() }
      versions.set(id, version)
      const before = labels.get('AWSCURRENT')
      if (before && stages.includes('AWSCURRENT')) labels.set('AWSPREVIOUS', before)
      for (const stage of stages) labels.set(stage, version)
      return version
    },
  }
}
