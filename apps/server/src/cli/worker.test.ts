import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { openDatabase } from '../platform/db/database.ts'
import { createLog } from '../platform/log/log.ts'
import { runWorker } from './worker.ts'

it('a second worker of the same name is refused with both languages, and one of another name is not [JOB-6]', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-worker-'))
  const config = loadConfig({ STUDIOOPS_DATA_DIR: directory })
  const start = (name: string) => {
    const told: string[] = []
    const reached = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<never>()
    const ended = runWorker(['--name', name], {
      config,
      version: '1.0.0',
      openDatabase: () => {
        reached.resolve()
        return gone.promise
      },
      tell: (text) => void told.push(text),
      signal: new AbortController().signal,
    })
    return { told, ended, reached: reached.promise, die: () => gone.reject(new Error('gone')) }
  }
  const first = start('day')
  await first.reached

  const second = start('day')
  await expect(second.ended).resolves.toBe(1)
  expect(second.told.join('')).toMatch(/"day" runs.*כבר פועל/s)
  const other = start('night')
  await other.reached

  first.die()
  await expect(first.ended).rejects.toThrow('gone')
  const next = start('day')
  await next.reached
  for (const one of [other, next]) {
    one.die()
    await expect(one.ended).rejects.toThrow('gone')
  }
  await rm(directory, { recursive: true })
})

it('a worker waits for a database that is away, says so once, and ends when it is told to [JOB-6, HLT-1]', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-worker-'))
  const stopping = new AbortController()
  const said = Promise.withResolvers<void>()
  const told: string[] = []
  const target = { host: '127.0.0.1', port: 1, user: 'nobody', database: 'nowhere' }
  await using database = openDatabase({ target, roles: 'switched' }, createLog({ level: 'silent' }))
  const ended = runWorker([], {
    config: loadConfig({ STUDIOOPS_DATA_DIR: directory }),
    version: '1.0.0',
    openDatabase: async () => database,
    tell(text) {
      told.push(text)
      said.resolve()
    },
    signal: stopping.signal,
  })
  await said.promise
  stopping.abort()
  await expect(ended).resolves.toBe(0)
  expect(told).toEqual([expect.stringContaining('does not answer')])
  await rm(directory, { recursive: true })
})
