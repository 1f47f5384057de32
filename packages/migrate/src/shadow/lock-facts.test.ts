import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  columnProbes,
  constraintProbes,
  type LockProbe,
  modes,
  otherProbes,
  probeSetup,
  typeProbes,
} from '../testing/lock-probes.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import type { Observation } from './replay.ts'
import { openScratchShadow, openShadow, type Shadow } from './shadow.ts'

let server: TestServer
let onServer: Shadow
let inProcess: Shadow

beforeAll(async () => {
  server = await startServer()
  const connection = { ...server.connection, database: 'postgres' }
  onServer = await openScratchShadow({ connection })
  inProcess = await openShadow()
}, 120_000)

afterAll(async () => {
  await inProcess?.close()
  await onServer?.close()
  await server?.stop()
})

describe.each([
  ['columns', columnProbes],
  ['types of columns', typeProbes],
  ['constraints, indexes and triggers', constraintProbes],
  ['tables, partitions and others', otherProbes],
])('%s', (_, probes) => {
  it.each(probes.map((probe) => [titleOf(probe), probe] as const))(
    'takes the locks of the table and rewrites no more: %s [MIG-3]',
    async (_title, probe) => {
      const expected = {
        locks: probe.locks ?? {},
        rewrites: probe.rewrites ?? [],
        rebuilds: probe.rebuilds ?? [],
        scans: probe.scans ?? [],
      }
      const [here, there] = [await observe(inProcess, probe), await observe(onServer, probe)]
      expect(summaryOf(there)).toEqual(expected)
      expect(summaryOf(here)).toEqual(expected)
      expect(here.locks).toEqual(there.locks)
    },
    60_000,
  )
})

function titleOf({ sql, after = [], timeZone }: LockProbe): string {
  return [sql, ...after.map((before) => `after ${before}`), timeZone].filter(Boolean).join(', ')
}

async function observe(
  shadow: Shadow,
  { sql, after = [], timeZone }: LockProbe,
): Promise<Observation> {
  await shadow.query('drop schema if exists public, elsewhere cascade')
  await shadow.query('create schema public')
  await shadow.query('set search_path = public')
  for (const text of [...probeSetup, ...after]) await shadow.query(text)
  const zone = timeZone === undefined ? [] : [{ text: `set timezone = '${timeZone}'` }]
  const replay = await shadow.replay([...zone, { text: sql }])
  expect(replay).toMatchObject({ kind: 'done' })
  await shadow.query('drop publication if exists told')
  const observation = replay.observations.at(-1)
  if (observation === undefined) throw new Error('nothing was observed')
  return observation
}

function summaryOf({ locks, rewrites, rebuilds, scans }: Observation) {
  const bare = (name: string) => name.replace(/^public\./, '')
  const codes = Object.entries(modes)
  return {
    locks: Object.fromEntries(
      locks
        .filter(({ kind }) => kind !== 'index')
        .map(({ relation, mode }) => [bare(relation), codes.find((code) => code[1] === mode)?.[0]]),
    ),
    rewrites: rewrites.map(({ relation }) => bare(relation)),
    rebuilds: rebuilds.map(bare),
    scans: scans.map(bare),
  }
}
