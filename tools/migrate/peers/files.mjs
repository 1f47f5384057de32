import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/**
 * What every program of this folder is given: `{ url, directory, verb, migrations }`, where a
 * migration is `{ id, sql, down, alone }`; `alone` ones cannot run in a transaction.
 */
export const job = JSON.parse(process.argv[2] ?? '{}')

/** The directory with exactly these files, as a checkout of another commit would leave it. */
export async function writeFiles(files) {
  await rm(job.directory, { recursive: true, force: true })
  await mkdir(job.directory, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(job.directory, name, '..'), { recursive: true })
    await writeFile(join(job.directory, name), text)
  }
}

/** A connection that is open while the work lasts. */
export async function withClient(work) {
  const client = new pg.Client({ connectionString: job.url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
