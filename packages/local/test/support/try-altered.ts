import {
  altered,
  drawer,
  meaning,
  openApi,
  signedRequests,
  type Attacked,
  type Wire,
} from './alter.ts'

/** What came of many alterations. */
export interface Tried {
  /** Alterations that were answered with anything but 400 and 403. Has to be empty. */
  accepted: { from: Wire; altered: Wire; status: number }[]
  /** How often the handler ran for an altered request. Has to be 0. */
  handled: number
  /** How often each kind of refusal came. */
  refusals: Record<string, number>
  /** The statuses of the requests as they were signed, before and after. All 200. */
  unaltered: number[]
}

/** Alters signed requests `count` times. An alteration that says the same as before is not counted. */
export async function tryAltered(
  count: number,
  seed: number,
  attacked: Attacked = 'http',
): Promise<Tried> {
  const api = openApi(attacked)
  const requests = await signedRequests(attacked)
  const meanings = requests.map(meaning)
  const draw = drawer(seed)
  const tried: Tried = { accepted: [], handled: 0, refusals: {}, unaltered: [] }
  const asSigned = async (): Promise<void> => {
    for (const request of requests) tried.unaltered.push((await api.try(request)).status)
  }
  await asSigned()
  const before = api.calls()
  for (let i = 0; i < count;) {
    const which = draw(requests.length)
    const from = requests[which]!
    const one = altered(from, draw)
    if (meaning(one) === meanings[which]) continue
    i++
    const { status, reason } = await api.try(one)
    if (status !== 403 && status !== 400) tried.accepted.push({ from, altered: one, status })
    const kind = reason.replace(/:.*/s, '')
    tried.refusals[kind] = (tried.refusals[kind] ?? 0) + 1
  }
  tried.handled = api.calls() - before
  await asSigned()
  return tried
}
