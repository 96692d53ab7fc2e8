// Lets the sources of @iamfetch/cdk find aws-cdk-lib, which is installed in this folder and not at the root, because it
// is large: `node --import ./resolve-cdk.mjs app.ts`.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isCdk = /^(aws-cdk-lib|constructs)(\/|$)/.test(specifier)
    return nextResolve(specifier, isCdk ? { ...context, parentURL: import.meta.url } : context)
  },
})
