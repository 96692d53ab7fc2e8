// What `cdk` runs: see cdk.json.
import { join } from 'node:path'
import { allStacks } from './src/all-stacks.ts'

allStacks(join(import.meta.dirname, '../group-access/dist'))
