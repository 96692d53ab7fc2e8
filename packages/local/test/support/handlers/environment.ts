let calls = 0

/** What a handler in a file sees of its surroundings. */
export const handler = async (
  _event: unknown,
  context: { functionName: string; getRemainingTimeInMillis: () => number },
): Promise<unknown> => {
  calls += 1
  return {
    statusCode: 200,
    body: JSON.stringify({
      calls,
      table: process.env['TABLE'],
      region: process.env['AWS_REGION'],
      functionName: context.functionName,
      hasTime: context.getRemainingTimeInMillis() > 0,
    }),
  }
}

/** Throws. */
export const failing = (): never => {
  throw new RangeError('no such note')
}

/** Never answers. */
export const hanging = (): Promise<never> => new Promise(() => {})

/** Answers by its callback. */
export const byCallback = (
  _event: unknown,
  _context: unknown,
  callback: (error: unknown, result: unknown) => void,
): void => callback(null, { statusCode: 200, body: 'called back' })
