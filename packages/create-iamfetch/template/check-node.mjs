// Runs before `npm run dev` and `npm test`: on an older Node both end with errors that do not name the reason.

/** @returns What to do on this version of Node, or `undefined` if it is new enough. */
export function adviceFor(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return undefined
  return [
    `This is Node ${version}, which does not run TypeScript. This project needs Node 22.18 or later.`,
    'Install it from https://nodejs.org, or let npm bring one for this command:',
    '  npx -p node@24 npm run dev',
    '  npx -p node@24 npm test',
  ].join('\n')
}

if (import.meta.main ?? true) {
  const advice = adviceFor(process.versions.node)
  if (advice !== undefined) {
    console.error(advice)
    process.exit(1)
  }
}
