// Loaded into the compiler: its diagnostics then count the processor time of its thread, not the time that others took from it.
performance.now = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
