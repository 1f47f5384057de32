import { createHash } from 'node:crypto'
import { migrate } from 'graphile-migrate'
import { job, writeFiles } from './files.mjs'

if (job.verb === 'down') throw new Error('graphile-migrate has no way back')
const hashOf = (text, previous) =>
  `sha1:${createHash('sha1')
    .update(`${`${previous ?? ''}\n${text.trim()}`.trim()}\n`)
    .digest('hex')}`

// A file names the one that was the last when its author committed it, and the hash of its text then.
const files = {}
const hashes = new Map()
let last
for (const { id, sql, alone, written = sql, after = last } of job.migrations) {
  const head = alone ? '--! no-transaction\n' : ''
  const previous = hashes.get(after)
  const hash = hashOf(`${head}${written}`, previous)
  hashes.set(id, hash)
  last = id
  const number = (/^\d+/.exec(id)?.[0] ?? '').padStart(6, '0')
  const text = `--! Previous: ${previous ?? '-'}\n--! Hash: ${hash}\n\n${head}${sql}\n`
  // A checkout with other line ends has them in the header, too.
  files[`committed/${number}-${id.replace(/^\d+_/, '')}.sql`] = sql.includes('\r\n')
    ? text.replaceAll(/\r?\n/g, '\r\n')
    : text
}
await writeFiles(files)
await migrate({ connectionString: job.url, migrationsFolder: job.directory, logger: undefined })
