/**
 * Hides what may be a token, a key or a signature in a text that came over the network: a hostile or careless server can
 * repeat what it was sent, and logs must not keep it.
 *
 * Hidden are JSON Web Tokens, the values of `Authorization`, `Credential`, `Signature` and `X-Amz-Security-Token`, bearer
 * tokens, and long texts that look random. Role names, ARNs, paths, host names and GUIDs stay readable. Takes linear time.
 *
 * @param text   Any text.
 * @param known  Secrets that the caller knows; they are hidden in whatever form they have.
 * @returns The text with `…` in the place of each secret.
 */
export function hideSecrets(text: string, known: readonly string[] = []): string {
  let shown = text
  for (const secret of known) {
    if (secret.length < 6) continue
    shown = shown.replaceAll(secret, '…').replaceAll(encodeURIComponent(secret), '…')
  }
  return shown
    .replace(ECHOED_HEADER, 'Authorization=…')
    .replace(HEADER_LINE, '$1…')
    .replace(NAMED, '$1…')
    .replace(JWT, '…')
    .replace(RUN, hideRandom)
}

// REST APIs repeat a malformed header at the end of their message.
const ECHOED_HEADER = /\bauthorization=[^]+/i

// A header in what curl prints.
const HEADER_LINE = /\b(authorization: *).+/gi

// What these words introduce is a secret, up to the next separator.
const NAMED =
  /\b((?:x-amz-)?(?:signature|credential|security-token)[=:] *|(?:bearer|basic) +(?=[^\s,;&"']{16}))[^\s,;&"'…]+/gi

// The base64url of `{"`, and all that may follow in a token.
const JWT = /eyJ[\w.-]{8,}/g

// What base64, base64url, hexadecimal digits and escapes in a URL are made of.
const RUN = /(?:[\w+/=-]|%[\da-f]{2}){32,}/gi

/** A piece of this length may be a secret: those of AWS have 40 characters and more, those of others 32. */
const LONG = 32
const SECRET_ACCESS_KEY_LENGTH = 40

function hideRandom(run: string): string {
  if (/[+=%]/.test(run) && run.length >= SECRET_ACCESS_KEY_LENGTH && isRandom(run)) return '…'
  const shown: string[] = []
  const pieces = run.split('/')
  for (let index = 0; index < pieces.length;) {
    const keyPieces = piecesOfKey(pieces, index)
    const piece = pieces[index]!
    const isSecret = keyPieces > 0 || (piece.length >= LONG && isRandom(piece))
    shown.push(isSecret ? '…' : piece)
    index += keyPieces || 1
  }
  return shown.join('/')
}

/** How many pieces from `start` on are a secret access key, which may contain slashes; 0 if they are none. */
function piecesOfKey(pieces: readonly string[], start: number): number {
  let length = -1
  for (let end = start; end < pieces.length && length < SECRET_ACCESS_KEY_LENGTH; end++) {
    length += 1 + pieces[end]!.length
    if (length !== SECRET_ACCESS_KEY_LENGTH) continue
    return isRandom(pieces.slice(start, end + 1).join('/')) ? end + 1 - start : 0
  }
  return 0
}

/** Whether a text does not consist of words. Names that people choose do. */
function isRandom(text: string): boolean {
  const named = text
    .replace(GUID, '')
    .replace(GENERATED, '$1')
    .replace(/[^\da-z]/gi, '')
  const inWords = (named.match(/[A-Z]?[a-z]{3,}/g) ?? []).join('').length
  const changes = named.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0
  return inWords < named.length * 0.4 || changes > named.length * 0.15
}

const GUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi

// What CDK and CloudFormation append to a name: `ReadersRoleB5D2A3F4-1A2B3C4D5E6F`.
const GENERATED = /([a-z])[\dA-F]{8}(?![\da-z])|-[\da-z]{12,13}(?![\da-z])/gi
