import { cookies } from 'next/headers'

/** Returns the ID token of the request's user. It is not verified here; the identity pool verifies it during the exchange. */
export const idTokenOfRequest = async (): Promise<string | undefined> =>
  (await cookies()).get('id_token')?.value
