/**
 * Reads a refusal's JSON text from a copy, so that the caller's body stays whole.
 *
 * @returns '' for what no gateway sends: other formats, long pages and endless streams are left after their first piece.
 */
export async function refusalText(response: Response): Promise<string> {
  const copy = response.clone()
  const reader = copy.body?.getReader()
  // React Native has neither streams nor TextDecoder: there the whole answer is here already.
  if (!reader) return copy.text()
  const decoder = new TextDecoder()
  for (let text = ''; ;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += decoder.decode(value, { stream: true })
    // Gateways' refusals are a few hundred bytes, at most a canonical request; more is somebody else's page.
    if (text.length > 16_384 || text[0] !== '{') {
      void reader.cancel()
      return ''
    }
  }
}
