import type { Query } from '../catalog/query.ts'
import { createBackup } from '../backup/create-backup.ts'
import { connectTo } from './server-database.ts'

/** A process that makes a backup and says when it is in the middle, so that it can be killed there. */
const [directory = '', target = ''] = process.argv.slice(2)
const client = await connectTo(JSON.parse(target) as Parameters<typeof connectTo>[0])
let fetches = 0
const query: Query = async (text, values = []) => {
  if (text.startsWith('fetch') && (fetches += 1) === 5) process.stdout.write('middle\n')
  return { rows: (await client.query<Record<string, unknown>>(text, [...values])).rows }
}
await createBackup({ query, directory, parts: 'all' })
await client.end()
