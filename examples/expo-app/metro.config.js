const { join, sep } = require('node:path')
const { getDefaultConfig } = require('expo/metro-config')

const root = join(__dirname, '../..')
const config = getDefaultConfig(__dirname)

// The packages of the repository are used as built, from where they are. What they in turn ask of an app (React,
// Amplify) is the app's own, or there would be two of it. With the packages from npm none of this is needed.
config.watchFolders = [join(root, 'packages'), join(root, 'node_modules')]
config.resolver.nodeModulesPaths = [join(__dirname, 'node_modules'), join(root, 'node_modules')]
config.resolver.resolveRequest = (context, name, platform) => {
  const ours = context.originModulePath.startsWith(join(root, 'packages') + sep)
  const asked = ours && /^(react|aws-amplify)(\/|$)/.test(name)
  return context.resolveRequest(
    asked ? { ...context, originModulePath: join(__dirname, 'index.ts') } : context,
    name,
    platform,
  )
}

module.exports = config
