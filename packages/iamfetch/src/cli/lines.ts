/**
 * Reads the lines of a stream of UTF-8, without their line feeds. What follows the last line feed is a line, too.
 *
 * Not with `node:readline`, which also ends a line at U+2028 and U+2029: the texts of JSON may contain both.
 */
export async function* linesOf(
  input: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder()
  let rest: string[] = []
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    // Only what is new is searched: a long line that comes in many pieces takes linear time.
    const [head = '', ...more] = text.split('\n')
    rest.push(head)
    for (const next of more) {
      yield rest.join('')
      rest = [next]
    }
  }
  const last = rest.join('') + decoder.decode()
  if (last !== '') yield last
}
