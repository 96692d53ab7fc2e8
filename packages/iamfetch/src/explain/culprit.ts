import type { Difference } from './mismatch.ts'

/** Who changed a request on its way, most likely, and what to do. */
export interface Culprit {
  whose: 'proxy' | 'caller' | 'session'
  sentence: string
  change: string
}

/**
 * Names the likely culprits of a signature mismatch: of a proxy that changed both, host and path; else the first.
 *
 * @param differences  None when the canonical requests agree.
 */
export function culpritsOf(differences: readonly Difference[]): [Culprit, ...Culprit[]] {
  const moved = ['header host', 'path'].flatMap((line) =>
    differences.filter((one) => one.line === line),
  )
  const [first = SAME, ...others] = (moved.length > 1 ? moved : differences.slice(0, 1)).map(
    culpritOf,
  )
  return [first, ...others]
}

function culpritOf({ line, gateway, ours }: Difference): Culprit {
  const [, header] = /^header (.*)/.exec(line) ?? []
  if (header === 'host') {
    return {
      whose: 'proxy',
      sentence: `A proxy or CDN changed the host: the gateway saw ${gateway}, ${ours} was signed.`,
      change: `Sign for the host that the gateway sees, signingHost: '${gateway}', or let the proxy pass Host on.`,
    }
  }
  if (header === 'content-type') {
    return {
      whose: 'caller',
      sentence: `The content type was rewritten after signing: the gateway saw ${gateway}, ${ours} was signed.`,
      change:
        'Leave content-type out of signHeaders, or set it in the very form in which it is sent, charset included.',
    }
  }
  if (header) {
    const gone = gateway === '(not there)'
    return {
      whose: 'proxy',
      sentence: `Something on the way ${gone ? 'removed' : 'changed'} the signed header ${header}.`,
      change: `Leave ${header} out of the signature, or stop what ${gone ? 'removes' : 'changes'} it.`,
    }
  }
  if (line === 'path') return pathCulprit(gateway, ours)
  return LINES[line] ?? SAME
}

function pathCulprit(gateway: string, ours: string): Culprit {
  const moved = unescaped(gateway) !== unescaped(ours)
  return {
    whose: 'proxy',
    sentence: moved
      ? `A proxy or a base path mapping changed the path: the gateway saw ${gateway}, ${ours} was signed.`
      : `The path was encoded anew on the way: the gateway saw ${gateway}, ${ours} was signed.`,
    change: moved
      ? 'Sign the path that the gateway sees, stage included: the option signingPath of createIamFetch. Or let the proxy leave it as it is.'
      : 'Let the proxy pass the path on as it came, or keep characters that it touches (%2F, %40, +, spaces) out of the path.',
  }
}

/** A path without escapes: those of the canonical form, of the caller, and of a proxy that escaped it again. */
function unescaped(path: string): string {
  let plain = path
  for (let round = 0; round < 3; round++) {
    try {
      plain = decodeURIComponent(plain)
    } catch {
      break
    }
  }
  return plain.replaceAll('+', ' ')
}

const LINES: Record<string, Culprit> = {
  method: {
    whose: 'proxy',
    sentence: 'Something on the way changed the method.',
    change: 'Stop what rewrites methods, an override header say.',
  },
  query: {
    whose: 'proxy',
    sentence: 'The query was changed on the way: parameters added, removed or encoded anew.',
    change: 'Let the proxy pass the query on as it came; add parameters before signing.',
  },
  'signed headers': {
    whose: 'proxy',
    sentence: 'A signed header did not arrive.',
    change: 'Let the proxy pass every x-amz-* header on, or leave the header out of signHeaders.',
  },
  body: {
    whose: 'caller',
    sentence: 'The body was changed after signing: other bytes arrived than were signed.',
    change:
      'Sign last: nothing may serialize, compress or re-encode the body after it. A proxy that transforms bodies cannot stand in front of IAM.',
  },
}

const SAME: Culprit = {
  whose: 'session',
  sentence:
    'The gateway saw the very request that was signed, so the secret access key does not belong to the access key ID.',
  change: 'Get the credentials anew and take all three parts from one answer.',
}
