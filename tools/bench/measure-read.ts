import { join } from 'node:path'
import { connectionTo } from '../../apps/server/src/platform/db/embedded/address.ts'
import { openCluster } from '../../apps/server/src/platform/db/embedded/cluster.ts'
import { waysOf } from '../../apps/server/src/platform/db/embedded/embedded-postgres.ts'
import { databaseName } from '../../apps/server/src/platform/db/embedded/login.ts'
import { readPostmasterFile } from '../../apps/server/src/platform/db/embedded/postmaster-file.ts'
import type { BareReadSettings } from './bare-read.ts'
import { atMost, type Line, median, ratios, spread } from './figures.ts'
import type { LoadResult, LoadSettings } from './load-read.ts'
import { type CpuMeter, meterProcess, meterTree } from './process-cost.ts'
import { startProgram } from './program.ts'
import { addStories, cookieOf, openWorkspace, type Workspace } from './workspace.ts'

const stories = 20
const connections = 16
/** Node compiles hot code for some ten thousand requests. */
const warmAnswers = 20_000
const warmRoundsMax = 5

type Side = {
  readonly name: string
  readonly load: Omit<LoadSettings, 'seconds'>
  readonly node: CpuMeter
}

type Cost = LoadResult & {
  /** Microseconds of processor time per answer. */
  readonly nodeUs: number
  readonly postgresUs: number
}

/** `GET /api/stories` against a bare route that asks the same of the same database. */
export async function measureRead({ rounds, seconds }: Effort): Promise<Line[]> {
  await using workspace = await openWorkspace()
  await addStories(workspace, stories)
  await using bare = startProgram<{ origin: string }>('bare-read', {
    connection: await connectionOf(workspace),
    userId: workspace.userId,
    limit: stories,
  } satisfies BareReadSettings)
  const { origin } = await bare.next()
  const path = `/api/stories?limit=${stories}`
  const shared = { path, connections }
  const ours: Side = {
    name: 'ours',
    load: {
      ...shared,
      origin: workspace.origin,
      headers: { cookie: cookieOf(workspace.client), 'accept-language': 'en' },
    },
    node: meterProcess(workspace.product.pid),
  }
  const limit: Side = {
    name: 'bare',
    load: { ...shared, origin, headers: {} },
    node: meterProcess(bare.pid),
  }
  const postgres = meterTree(workspace.databasePid)
  const play = async (side: Side, forSeconds: number): Promise<Cost> => {
    side.node.lap()
    postgres.lap()
    await using load = startProgram<LoadResult>('load-read', { ...side.load, seconds: forSeconds })
    const result = await load.next()
    const { answers, failures } = result
    if (failures > 0)
      throw new Error(`${side.name}: ${failures} of ${answers} answers failed: ${result.body}`)
    return {
      ...result,
      nodeUs: side.node.lap() / answers,
      postgresUs: postgres.lap() / answers,
    }
  }

  // What is compiled and planned now is not measured.
  const warmUp = async (side: Side) => {
    let answers = 0
    for (let round = 0; answers < warmAnswers && round < warmRoundsMax; round += 1) {
      const { answers: more } = await play(side, seconds)
      answers += more
    }
    return (await play(side, 0.1)).body
  }
  if ((await warmUp(ours)) !== (await warmUp(limit)))
    throw new Error('the two sides answer differently')
  const costs: { ours: Cost; limit: Cost }[] = []
  for (let round = 0; round < rounds; round += 1)
    costs.push({ ours: await play(ours, seconds), limit: await play(limit, seconds) })
  return describe(costs)
}

export type Effort = { readonly rounds: number; readonly seconds: number }

/** As the owner of the cluster: row security stays out of the limit. */
async function connectionOf({ directory }: Workspace): Promise<BareReadSettings['connection']> {
  const cluster = await openCluster(join(directory, 'postgres'), waysOf(process.platform))
  const file = await readPostmasterFile(cluster.data)
  const connection = await connectionTo(cluster, file?.port ?? 0)
  return { ...connection, database: databaseName }
}

function describe(costs: readonly { ours: Cost; limit: Cost }[]): Line[] {
  const ours = (pick: (cost: Cost) => number) => costs.map((cost) => pick(cost.ours))
  const limit = (pick: (cost: Cost) => number) => costs.map((cost) => pick(cost.limit))
  const all = (cost: Cost) => cost.nodeUs + cost.postgresUs
  const ratioOf = (pick: (cost: Cost) => number) => ratios(ours(pick), limit(pick))
  const row = (what: string, pick: (cost: Cost) => number, digits = 0): Line => ({
    bench: 'read',
    what: `${what}: ours / bare`,
    value: `${spread(ours(pick), digits)} / ${spread(limit(pick), digits)}`,
  })
  const perSecond = median(ours((cost) => cost.perSecond))
  const medianMs = median(ours((cost) => cost.medianMs))
  return [
    {
      bench: 'read',
      what: 'CPU per request, Node and PostgreSQL, ours ÷ bare',
      value: spread(ratioOf(all), 2),
      aim: atMost(median(ratioOf(all)), 2),
    },
    {
      bench: 'read',
      what: '  Node alone, ours ÷ bare',
      value: spread(
        ratioOf((cost) => cost.nodeUs),
        2,
      ),
    },
    {
      bench: 'read',
      what: '  PostgreSQL alone, ours ÷ bare',
      value: spread(
        ratioOf((cost) => cost.postgresUs),
        2,
      ),
    },
    row('  Node µs per request', (cost) => cost.nodeUs),
    row('  PostgreSQL µs per request', (cost) => cost.postgresUs),
    row('  requests per second', (cost) => cost.perSecond),
    row('  median ms', (cost) => cost.medianMs, 1),
    row('  p99 ms', (cost) => cost.p99Ms, 1),
    {
      bench: 'read',
      what: 'floor: requests per second',
      value: perSecond.toFixed(0),
      aim: { text: '≥ 50', isMet: perSecond >= 50 },
    },
    {
      bench: 'read',
      what: 'floor: median ms',
      value: medianMs.toFixed(1),
      aim: { text: '< 500', isMet: medianMs < 500 },
    },
  ]
}
