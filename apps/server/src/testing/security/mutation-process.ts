// Removes owner filters one at a time and looks whether the row policies hold (S-02); run by mutation.ts.
import { foundFilters, removeFilters, rewriteStores } from './owner-filters.ts'
import type { MutationTask, MutationReport, Mutant } from './mutation.ts'

rewriteStores()
const { openWorld } = await import('./isolation-world.ts')
const { runIsolation } = await import('./isolation.ts')

const task = JSON.parse(process.argv[2] ?? '{}') as MutationTask
const { postgres, requests, seed, control } = task

async function tryWith(
  removed: ReadonlySet<number> | 'all',
  world: Awaited<ReturnType<typeof openWorld>>,
) {
  removeFilters(removed)
  const { findings } = await runIsolation(world, { requests, seed })
  const reached = removeFilters(new Set())
  return { findings, reached }
}

/** The same with the row policies switched off: then a filter that is left out has to be noticed. */
async function leaksWithoutPolicies(removed: ReadonlySet<number> | 'all'): Promise<boolean> {
  await using world = await openWorld(postgres)
  await world.app.copy.asOwner(async (db) => {
    const { rows } = await db.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relrowsecurity`,
    )
    // oxlint-disable-next-line house/bans -- names come from the catalogue
    for (const { name } of rows) await db.query(`alter table ${name} disable row level security`)
  })
  return tryWith(removed, world).then(
    ({ findings }) => findings.length > 0,
    // The world fell apart under the caller: that is noticed as well.
    () => true,
  )
}

async function main(): Promise<MutationReport> {
  await using world = await openWorld(postgres)
  const baseline = await tryWith(new Set(), world)
  const filters = foundFilters()
  const wanted = filters.filter(({ number }) => task.every === 1 || number % task.every === 0)
  const mutants: Mutant[] = []
  for (const { number, place, text } of wanted) {
    const removed = new Set([number])
    const { findings, reached } = await tryWith(removed, world)
    const isMissed = control && reached.has(number) && !(await leaksWithoutPolicies(removed))
    mutants.push({ place, text, findings, isReached: reached.has(number), isMissed })
    process.stderr.write(`${place} ${findings.length === 0 ? 'held' : 'NOT HELD'}\n`)
  }
  const all = await tryWith('all', world)
  return {
    filters: filters.length,
    baseline: baseline.findings,
    mutants,
    all: all.findings,
    noticedWithoutPolicies: await leaksWithoutPolicies('all'),
  }
}

const report = await main()
process.stdout.write(`\n${JSON.stringify(report)}\n`)
process.exit(0)
