import { writeSync, closeSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createServerLog } from './server-log.ts'

it('stays small while the server goes on writing, and shows what came last', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-log-'))
  const log = createServerLog(join(directory, 'postgres.log'))
  const output = log.openForAppending()
  writeSync(output, 'x'.repeat(1_100_000))

  await log.bound()
  writeSync(output, 'first\nlast\n')

  expect(await log.sizeBytes()).toBe(11)
  expect(await log.tail(6)).toBe('last')
  expect((await stat(join(directory, 'postgres.log.1'))).size).toBe(1_100_000)
  closeSync(output)
  await rm(directory, { recursive: true })
})
