import { ABSENT, type Difference } from './mismatch.ts'

/** What changed a request on its way, most likely, and what to do. */
export interface MismatchCause {
  responsible: 'proxy' | 'caller' | 'session'
  message: string
  remedy: string
}

/**
 * Names the likely causes of a signature mismatch: of a proxy that changed both, host and path; else the first.
 *
 * @param differences  Empty if the canonical requests agree.
 */
export function causesOf(
  differences: readonly Difference[],
): readonly [MismatchCause, ...MismatchCause[]] {
  const byProxy = ['header host', 'path'].flatMap((line) =>
    differences.filter((difference) => difference.line === line),
  )
  const relevant = byProxy.length > 1 ? byProxy : differences.slice(0, 1)
  const [first = WRONG_SECRET, ...others] = relevant.map(causeOf)
  return [first, ...others]
}

function causeOf({ line, gateway, ours }: Difference): MismatchCause {
  if (line === 'path') return pathCause(gateway, ours)
  if (!line.startsWith('header ')) return LINES[line] ?? WRONG_SECRET
  const header = line.slice('header '.length)
  if (header === 'host') {
    return {
      responsible: 'proxy',
      message: `A proxy or CDN changed the host: the gateway saw ${gateway}, but ${ours} was signed.`,
      remedy: `Sign for the host that the gateway sees, with signingHost: '${gateway}', or let the proxy pass the Host header on.`,
    }
  }
  if (header === 'content-type') {
    return {
      responsible: 'caller',
      message: `The content type was rewritten after signing: the gateway saw ${gateway}, but ${ours} was signed.`,
      remedy:
        'Remove content-type from signHeaders, or set it in the very form in which it is sent, charset included.',
    }
  }
  const isGone = gateway === ABSENT
  return {
    responsible: 'proxy',
    message: `Something on the way ${isGone ? 'removed' : 'changed'} the signed header ${header}.`,
    remedy: `Leave ${header} out of the signature, or stop what ${isGone ? 'removes' : 'changes'} it.`,
  }
}

function pathCause(gateway: string, ours: string): MismatchCause {
  const saw = `the gateway saw ${gateway}, but ${ours} was signed.`
  if (unescaped(gateway) === unescaped(ours)) {
    return {
      responsible: 'proxy',
      message: `The path was encoded again on the way: ${saw}`,
      remedy:
        'Let the proxy pass the path on as it came, or keep characters that it changes (%2F, %40, +, spaces) out of the path.',
    }
  }
  return {
    responsible: 'proxy',
    message: `A proxy or a base path mapping changed the path: ${saw}`,
    remedy:
      'Sign the path that the gateway sees, stage included, by the option "signingPath" of createIamFetch, or let the proxy leave the path as it is.',
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

const LINES: Readonly<Record<string, MismatchCause>> = {
  method: {
    responsible: 'proxy',
    message: 'Something on the way changed the method.',
    remedy: 'Stop what rewrites methods, for example an override header.',
  },
  query: {
    responsible: 'proxy',
    message: 'The query was changed on the way: parameters were added, removed or encoded again.',
    remedy: 'Let the proxy pass the query on as it came, and add parameters before signing.',
  },
  'signed headers': {
    responsible: 'proxy',
    message: 'A signed header did not arrive.',
    remedy: 'Let the proxy pass every x-amz-* header on, or remove the header from signHeaders.',
  },
  body: {
    responsible: 'caller',
    message: 'The body was changed after signing: other bytes arrived than were signed.',
    remedy:
      'Sign last: nothing may serialize, compress or encode the body afterwards. A proxy that transforms bodies cannot be in front of IAM.',
  },
}

const WRONG_SECRET: MismatchCause = {
  responsible: 'session',
  message:
    'The gateway saw the very request that was signed, so the secret access key does not belong to the access key ID.',
  remedy: 'Get new credentials, and take all three parts from one response.',
}
