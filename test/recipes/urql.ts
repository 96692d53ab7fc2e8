import { Client, fetchExchange } from '@urql/core'

/** A GraphQL client whose requests are signed, for a GraphQL endpoint behind API Gateway or for AppSync. */
export const urqlClient = (iamFetch: typeof fetch, url: string): Client =>
  new Client({
    url,
    exchanges: [fetchExchange],
    fetch: iamFetch,
    // A signed GET would have the query in its URL; POST keeps it in the body.
    preferGetMethod: false,
  })
