import { parseArgs } from 'node:util'
import { table } from './figures.ts'
import { measureRead } from './measure-read.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
console.log(
  table(await measureRead(values.quick ? { rounds: 3, seconds: 3 } : { rounds: 5, seconds: 8 })),
)
