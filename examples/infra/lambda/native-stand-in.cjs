// Stands in for the native HTTP client of aws-lambda-ric, where that could not be compiled: the same three functions
// over the runtime API. Loaded before the client with `node --require`.
const { existsSync, writeFileSync } = require('node:fs')
const path = require('node:path')

const native = path.join(__dirname, 'node_modules/aws-lambda-ric/rapid-client.node')
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`

const client = {
  async next() {
    const response = await fetch(`${base}/next`)
    return { bodyJson: await response.text(), headers: Object.fromEntries(response.headers) }
  },
  done(id, body) {
    void fetch(`${base}/${id}/response`, { method: 'POST', body })
  },
  error(id, body) {
    void fetch(`${base}/${id}/error`, { method: 'POST', body })
  },
}

// The file has to be there to be resolved. It is empty, and not loaded as a library.
if (!existsSync(native)) writeFileSync(native, '')
require.extensions['.node'] = (module, filename) => {
  if (filename !== native) throw new Error(`${filename} is not expected here.`)
  module.exports = client
}
