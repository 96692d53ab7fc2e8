/** What a call throws or rejects with, as text, without the address of its page. */
export async function errorText(call: () => unknown): Promise<string> {
  const error: unknown = await Promise.resolve()
    .then(call)
    .catch((caught: unknown) => caught)
  return String(error).replace(/ See https:\S+$/, '')
}
