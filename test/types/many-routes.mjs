/** Writes a file that defines a stack with many routes, uses each of them as a fault, and calls some of them by name. */
export function manyRoutes(count) {
  const names = Array.from({ length: count }, (_, index) => `GET /things${index}/{id}`)
  const routes = names.map((name) => `      '${name}': { auth: 'iam', handler },`)
  const faults = names.map((name) => `  stack.faults.next('${name}', 'fail')`)
  const calls = names
    .filter((_, index) => index % 10 === 0)
    .map((name) => `  void api('${name}', { params: { id: '1' } })`)
  return `import { defineStack, type LocalStack, type RouteName } from '@iamfetch/local'
import type { TypedApi } from 'iamfetch/api'

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

export function uses(
  stack: LocalStack<typeof definition>,
  api: TypedApi<typeof definition, 'many', 'throw'>,
): void {
${[...faults, ...calls].join('\n')}
}

export const name: RouteName<typeof definition> = '${names[0]}'
`
}
