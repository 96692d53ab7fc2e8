// Runs before each command of package.json: an older Node ends them with errors that do not name the reason.
// Every Node can read this file, hence `var`.

/** @returns What to do on this version of Node, or `undefined` if it runs TypeScript. */
function adviceFor(version, features) {
  // 22.18 and 23.6 were the first to do so without a flag.
  if (features.typescript) return undefined
  return [
    'This is Node ' +
      version +
      ', which does not run TypeScript. This project needs Node 22.18, or 24 or later.',
    'Install it from https://nodejs.org, or let npm bring one for a single command:',
    '  npx -p node@24 npm run dev',
    '  npx -p node@24 npm test',
  ].join('\n')
}

if (require.main === module) {
  var advice = adviceFor(process.versions.node, process.features || {})
  if (advice !== undefined) {
    console.error(advice)
    process.exitCode = 1
  }
}

module.exports = { adviceFor: adviceFor }
