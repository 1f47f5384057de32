import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { contentPath } from '@studioops/contracts/documents'
import { unpackItems } from '../../apps/server/src/platform/search/posting-list.ts'
import type { Known } from './deletion-campaign.ts'
import type { GraphPlan } from './deletion-graph.ts'
import { insist, type Scene } from './deletion-scene.ts'

const commands = join(import.meta.dirname, '../../apps/server/src/cli/studioops.ts')
const restWithinMs = 300_000

/** Lets a day pass for whatever the sweeper waits with, and sweeps until nothing is left to do. */
export async function settle(scene: Scene): Promise<void> {
  const { owner } = scene
  await untilRest(scene)
  await owner.query(
    `update files set touched_at = now() - interval '3 hours' where stored_at is null`,
  )
  await owner.query(`update uploads set touched_at = now() - interval '3 days'`)
  const before = new Date(Date.now() - 3 * 3_600_000)
  const names = await readdir(scene.staging).catch(() => [])
  for (const name of names) await utimes(join(scene.staging, name), before, before)
  for (;;) {
    await owner.query(`insert into background_jobs (id, kind, written_by, cause)
      values (gen_random_uuid(), 'installation.sweep', 'chaos', 'button')`)
    await untilRest(scene)
    const { rows } = await owner.query(
      `select from projects where deleted_at < now() - interval '30 days' limit 1`,
    )
    if (rows.length === 0) return
  }
}

async function untilRest({ owner }: Scene): Promise<void> {
  const until = performance.now() + restWithinMs
  while (performance.now() < until) {
    const { rows } = await owner.query(
      `select from background_jobs where state in ('queued', 'running') and run_at <= now()
       union all select from runs where state in ('running', 'interrupted') limit 1`,
    )
    if (rows.length === 0) return
    await sleep(100)
  }
}

type End = {
  readonly receipts: number
  readonly documents: number
  readonly orphans: Record<string, number>
  readonly violations: string[]
}

export async function checkEnd(scene: Scene, known: readonly Known[]): Promise<End> {
  const orphans: Record<string, number> = {}
  const violations: string[] = []
  await countOrphanRows(scene, orphans)
  const words = await countOrphanWords(scene)
  if (words > 0) orphans['words of the index'] = words
  const left = await readdir(scene.staging).catch(() => [])
  if (left.length > 0) orphans['staged files'] = left.length
  const found = await verifyAll(scene)
  if (found.orphans.count > 0) orphans['objects'] = found.orphans.count
  for (const { receiptId, isUnchanged, left: rows } of found.receipts)
    if (!isUnchanged || Object.keys(rows).length > 0)
      violations.push(`receipt ${receiptId}: ${JSON.stringify({ isUnchanged, ...rows })}`)
  violations.push(...(await compareWithPlans(scene, known)))
  const documents = await readKept(scene, { known, violations })
  return { receipts: found.receipts.length, documents, orphans, violations }
}

/** Rows whose parent is not there, whatever the foreign keys say; and jobs of projects that are gone. */
async function countOrphanRows({ owner }: Scene, orphans: Record<string, number>): Promise<void> {
  const { rows: keys } = await owner.query<{ name: string; text: string }>(`
    select conrelid::regclass || '.' || columns.names as name,
      format('select count(*)::int as count from %s child where %s and not exists
        (select from %s parent where %s)', conrelid::regclass, columns.given, confrelid::regclass,
        columns.equal) as text
    from pg_constraint, lateral (
      select string_agg(quote_ident(child.attname), ', ') as names,
        string_agg(format('child.%I is not null', child.attname), ' and ') as given,
        string_agg(format('child.%I = parent.%I', child.attname, parent.attname), ' and ') as equal
      from unnest(conkey, confkey) as pair (child_number, parent_number)
      join pg_attribute child on child.attrelid = conrelid and child.attnum = child_number
      join pg_attribute parent on parent.attrelid = confrelid and parent.attnum = parent_number
    ) columns
    where contype = 'f' and connamespace = 'public'::regnamespace`)
  const jobs = `select count(*)::int as count from background_jobs
    where state in ('queued', 'running') and payload ->> 'projectId' is not null
      and not exists (select from projects where id::text = payload ->> 'projectId')`
  const removals = `select count(*)::int as count from object_removals`
  const unlinked = `select count(*)::int as count from files
    where not exists (select from document_versions where document_versions.file_id = files.id)`
  const all = [
    ...keys,
    { name: 'jobs', text: jobs },
    { name: 'objects to be removed', text: removals },
    { name: 'files of no document', text: unlinked },
  ]
  for (const { name, text } of all) {
    const { rows } = await owner.query<{ count: number }>(text)
    const count = rows[0]?.count ?? 0
    if (count > 0) orphans[name] = count
  }
}

/** Entries of the index whose passage is gone. */
async function countOrphanWords({ owner }: Scene): Promise<number> {
  const { rows } = await owner.query<{ items: Buffer }>('select items from search_segments')
  const ids = rows.flatMap(({ items }) => [...unpackItems(items).ids])
  const { rows: alive } = await owner.query<{ count: number }>(
    'select count(*)::int as count from document_chunks where id = any ($1::bigint[])',
    [ids],
  )
  return ids.length - (alive[0]?.count ?? 0)
}

type Verified = {
  readonly receipts: readonly {
    readonly receiptId: string
    readonly isUnchanged: boolean
    readonly left: Record<string, number>
  }[]
  readonly orphans: { readonly count: number }
}

/** By the command that operators have. */
async function verifyAll(scene: Scene): Promise<Verified> {
  const text = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [commands, 'deletion', 'verify', '--all', '--json'],
      {
        cwd: scene.directory,
        env: { ...process.env, ...scene.environment },
        maxBuffer: 100_000_000,
      },
      // What it finds is told by its status, too.
      (error, stdout, stderr) =>
        stdout === '' ? reject(error ?? new Error(stderr)) : resolve(stdout),
    )
  })
  return JSON.parse(text) as Verified
}

/** Each project is where it was sent, with one receipt where it is gone, and its purchases are counted. */
async function compareWithPlans({ owner }: Scene, known: readonly Known[]): Promise<string[]> {
  const { rows } = await owner.query<ProjectRow>(
    `select given.id, projects.id is not null as is_there,
      projects.deleted_at is not null as is_trashed,
      (select count(*)::int from deletion_receipts
        where deletion_receipts.project_id = given.id and purged_at is not null) as receipts,
      (select count(*)::int from purchases
        where purchases.project_id is null and purchases.project_name = given.name) as purchases,
      coalesce((select (detached ->> 'purchases')::int from deletion_receipts
        where deletion_receipts.project_id = given.id), 0) as detached
    from unnest($1::uuid[], $2::text[]) as given (id, name)
    left join projects on projects.id = given.id`,
    [known.map(({ projectId }) => projectId), known.map(({ plan }) => plan.name)],
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return known.flatMap(({ projectId, plan }) => {
    const row = found.get(projectId)
    if (row === undefined) return [`${plan.name} is unknown`]
    return placeOf(row) === placeAfter[plan.fate] && hasItsPurchases(row, plan)
      ? []
      : [`${plan.name} should be ${plan.fate}: ${JSON.stringify(row)}`]
  })
}

const placeAfter = { purged: 'gone', overdue: 'gone', trashed: 'trashed', kept: 'kept' } as const

type ProjectRow = {
  readonly id: string
  readonly is_there: boolean
  readonly is_trashed: boolean
  readonly receipts: number
  readonly purchases: number
  readonly detached: number
}

function placeOf({ is_there: isThere, is_trashed: isTrashed, receipts }: ProjectRow) {
  if (isThere) return receipts > 0 ? 'there with a receipt' : isTrashed ? 'trashed' : 'kept'
  return receipts === 1 ? 'gone' : `gone with ${receipts} receipts`
}

/** Those that stay without their project are counted by its receipt. */
function hasItsPurchases({ is_there: isThere, purchases, detached }: ProjectRow, plan: GraphPlan) {
  if (isThere || plan.purchasesChoice === 'delete') return purchases === 0
  return purchases === detached && purchases >= plan.purchases
}

type Reading = { readonly known: readonly Known[]; readonly violations: string[] }

/** What was said to be stored is there, byte by byte, and so is every object that a row names. */
async function readKept(scene: Scene, { known, violations }: Reading): Promise<number> {
  let count = 0
  for (const { projectId, plan, person, stored } of known.filter(
    ({ plan: { fate } }) => fate === 'kept',
  ))
    for (const { documentId, text } of stored) {
      const path = `/api${contentPath({ projectId, documentId })}`
      const answer = await insist(() => person.client.fetch(path))
      const got = await answer.text()
      if (got !== text)
        violations.push(`a document of ${plan.name} is ${answer.status} ${got.slice(0, 80)}`)
      count += 1
    }
  const { rows } = await scene.owner.query<{ project_id: string; file_hash: string }>(
    'select project_id, file_hash from files where stored_at is not null',
  )
  for (const { project_id: projectId, file_hash: hash } of rows) {
    const bytes = await readFile(join(scene.objects, projectId, hash)).catch(() => undefined)
    const sha256 = bytes && createHash('sha256').update(bytes).digest('hex')
    if (sha256 !== hash)
      violations.push(`the object ${projectId}/${hash} is ${sha256 ?? 'not there'}`)
  }
  return count
}
