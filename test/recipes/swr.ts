import type { Fetcher } from 'swr'

/** What `useSWR` calls for a key that is a path: `useSWR('/notes', jsonFetcher(iamFetch))`. */
export const jsonFetcher =
  <T>(iamFetch: typeof fetch): Fetcher<T, string> =>
  async (path) => {
    const response = await iamFetch(path)
    // SWR takes what is thrown as `error`; a 403 of `fetch` does not throw.
    if (!response.ok) throw new Error(`${path} responded with ${response.status}`)
    return response.json()
  }
