import { cookies } from 'next/headers'

/** Gives the ID token of the request's user. Nobody has verified it: the identity pool does, when it is exchanged. */
export const idTokenOfRequest = async (): Promise<string | undefined> =>
  (await cookies()).get('id_token')?.value
