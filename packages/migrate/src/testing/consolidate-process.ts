import { readFile } from 'node:fs/promises'
import { consolidate } from '../consolidate/consolidate.ts'
import { readSpec } from '../consolidate/spec.ts'
import { connectTo } from './server-database.ts'

/** A process that consolidates and tells of every message to the server, so that it can be killed. */
const [target = '', specFile = '', backupDirectory = ''] = process.argv.slice(2)
const read = readSpec(await readFile(specFile, 'utf8'))
if (read.kind === 'refused') throw new Error('the spec cannot be read')
const result = await consolidate({
  target: {
    async open() {
      const client = await connectTo(JSON.parse(target) as Parameters<typeof connectTo>[0])
      const connection = (client as unknown as { connection: Wire }).connection
      for (const method of ['query', 'sync'] as const) {
        const send = connection[method].bind(connection)
        connection[method] = (text?: string) => {
          process.stdout.write('message\n')
          send(text)
        }
      }
      return client
    },
  },
  spec: read.spec,
  backupDirectory,
  mode: 'apply',
})
process.stdout.write(`${result.kind}\n`)

type Wire = Record<'query' | 'sync', (text?: string) => void>
