/** Writes a file that defines a stack with many routes and uses each of them. */
export function manyRoutes(count) {
  const names = Array.from({ length: count }, (_, index) => `GET /things${index}/{id}`)
  const routes = names.map((name) => `      '${name}': { auth: 'iam', handler },`)
  const uses = names.map((name) => `  stack.faults.next('${name}', 'fail')`)
  return `import { defineStack, type LocalStack } from '@iamfetch/local'

const handler = async () => ({ id: 1 })
const definition = defineStack({
  groups: { All: { policy: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } } },
  users: { alice: { groups: ['All'] } },
  apis: {
    many: { type: 'http', routes: {
${routes.join('\n')}
    } },
  },
})

export function uses(stack: LocalStack<typeof definition>): void {
${uses.join('\n')}
}
`
}
