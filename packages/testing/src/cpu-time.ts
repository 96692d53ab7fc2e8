/**
 * The CPU time that this thread takes for something, in milliseconds. What else the machine does, and what other
 * threads do, is not in it, so that a bound on it means the same on a busy machine.
 *
 * @see [Node: process.threadCpuUsage](https://nodejs.org/docs/latest-v24.x/api/process.html#processthreadcpuusagepreviousvalue)
 */
export async function cpuMs(run: () => unknown): Promise<number> {
  const before = process.threadCpuUsage()
  await run()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
