import { parseArgs } from 'node:util'
import { table } from './figures.ts'
import { measureRead } from './measure-read.ts'
import { measureStream } from './measure-stream.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
if (values.only === 'read')
  console.log(
    table(await measureRead(values.quick ? { rounds: 3, seconds: 3 } : { rounds: 5, seconds: 8 })),
  )
if (values.only === 'stream')
  console.log(
    table(
      await measureStream(values.quick ? { rounds: 3, tokens: 100 } : { rounds: 5, tokens: 250 }),
    ),
  )
