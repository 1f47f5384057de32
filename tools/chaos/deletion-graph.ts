import { createHash, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSearchIndex } from '../../apps/server/src/platform/search/search-index.ts'
import type { Scene } from './deletion-scene.ts'

/** What becomes of a project: gone by a person's hand or by the thirty days, in the trash, or kept. */
export type Fate = 'purged' | 'overdue' | 'trashed' | 'kept'

/** A project and all that hangs on it, as chance has it. */
export type GraphPlan = {
  readonly name: string
  readonly fate: Fate
  /** Out of the trash once, before that. */
  readonly isRestored: boolean
  readonly purchasesChoice: 'detach' | 'delete'
  readonly chats: number
  readonly purchases: number
  readonly links: number
  readonly members: number
  /** Texts of files that are there already; each is the file of two documents. */
  readonly files: readonly string[]
  /** Texts that are sent; equal ones become one file. */
  readonly uploads: readonly string[]
  readonly jobs: number
  /** A chat whose answer is written while the project goes. */
  readonly isStreaming: boolean
  /** Uploads that are finished, and rows that are added, while the project goes. */
  readonly late: number
}

/** Texts that many projects have: their bytes are kept once for each of them. */
const common = Array.from({ length: 5 }, (_, index) => `מסמך משותף ${index} shared by projects`)

export function planGraph(index: number, random: () => number): GraphPlan {
  const upTo = (most: number) => Math.floor(random() * (most + 1))
  const text = () =>
    random() < 0.3
      ? (common[upTo(common.length - 1)] ?? '')
      : `text ${index} of number ${upTo(3)} – הצעת מחיר`
  const texts = (most: number) => Array.from({ length: upTo(most) }, text)
  const chance = random()
  return {
    name: `פרויקט "${index}" – 2026`,
    fate: fateOf(chance),
    isRestored: random() < 0.2,
    purchasesChoice: random() < 0.3 ? 'delete' : 'detach',
    chats: upTo(2),
    purchases: upTo(3),
    links: upTo(3),
    members: upTo(2),
    files: [...new Set(texts(3))],
    uploads: random() < 0.5 ? texts(2) : [],
    jobs: upTo(2),
    isStreaming: random() < 0.06,
    late: random() < 0.4 ? 1 + upTo(2) : 0,
  }
}

function fateOf(chance: number): Fate {
  if (chance < 0.75) return 'purged'
  if (chance < 0.87) return 'overdue'
  return chance < 0.92 ? 'trashed' : 'kept'
}

const rowsText = `
  with chat as (
    insert into chats (id, user_id, project_id, title, shared_at)
    select gen_random_uuid(), $2, $1, 'Chat ' || n, case when n = 1 then now() end
    from generate_series(1, $3::int) n returning id),
  message as (
    insert into chat_messages (id, chat_id, user_id, role, text, state)
    select gen_random_uuid(), chat.id, $2, case n % 2 when 0 then 'assistant' else 'user' end,
      'שאלה ' || n, 'complete'
    from chat, generate_series(1, 4) n returning id, role),
  call as (
    insert into chat_calls (id, message_id, user_id, position, server, server_name, tool, title,
      effect, arguments, state)
    select gen_random_uuid(), id, $2, 0, 'jira', 'Jira', 'search', 'Search', 'read', '{}', 'done'
    from message where role = 'assistant'),
  run as (
    insert into runs (id, user_id, chat_id, state, input)
    select gen_random_uuid(), $2, id, 'complete', '{}' from chat returning id),
  event as (
    insert into run_events (run_id, seq, epoch, type, data)
    select id, n, 0, 'assistant_token', '{}' from run, generate_series(0, 3) n),
  purchase as (
    insert into purchases (id, project_id, created_by, bought_on, vendor, unit_price, currency)
    select gen_random_uuid(), $1, $2, current_date, 'ספק ' || n, 10.5, 'ILS'
    from generate_series(1, $4::int) n),
  budget as (insert into project_budgets values ($1, 'ILS', 1000)),
  link as (
    insert into project_links (id, project_id, kind, key, name)
    select gen_random_uuid(), $1, 'jira-project', 'K' || n, 'Pay ' || n
    from generate_series(1, $5::int) n),
  member as (
    insert into project_members (project_id, user_id, role)
    select $1, id, 'editor' from unnest($6::uuid[]) id on conflict do nothing),
  job as (
    insert into background_jobs (id, kind, payload, written_by, cause, run_at)
    select gen_random_uuid(), 'documents.read',
      jsonb_build_object('projectId', $1::uuid, 'fileId', gen_random_uuid()), 'chaos', 'change',
      now() + interval '1 day'
    from generate_series(1, $7::int) n),
  file as (
    insert into files (id, project_id, file_hash, size_bytes, format, stored_in, stored_at, state)
    select gen_random_uuid(), $1, hash, size, 'text', 'files', now(), 'ready'
    from unnest($8::text[], $9::int[]) as given (hash, size) returning id),
  document as (
    insert into documents (id, project_id, file_id, name, created_by)
    select gen_random_uuid(), $1, id, 'הצעה ' || n || '.txt', $2 from file, generate_series(1, 2) n
    returning id, file_id, name),
  version as (
    insert into document_versions (id, document_id, version, project_id, file_id, name, created_by)
    select gen_random_uuid(), id, 1, $1, file_id, name, $2 from document)
  insert into document_chunks (project_id, file_id, ordinal, text)
  select $1, id, n, 'מחיר הקמפיין ' || n || ' שקלים' from file, generate_series(0, 2) n
  returning id, text`

const index = createSearchIndex()

/** Writes everything that no page is needed for, and the objects of its files. */
export async function fill(
  scene: Scene,
  projectId: string,
  { plan, userId }: { readonly plan: GraphPlan; readonly userId: string },
): Promise<void> {
  const files = plan.files.map((text) => {
    const bytes = Buffer.from(text)
    return { bytes, hash: createHash('sha256').update(bytes).digest('hex') }
  })
  const folder = join(scene.objects, projectId)
  if (files.length > 0) await mkdir(folder, { recursive: true })
  for (const { bytes, hash } of files) await writeFile(join(folder, hash), bytes)
  const others = scene.people.map(({ id }) => id).filter((id) => id !== userId)
  const { rows } = await scene.owner.query<{ id: number; text: string }>(rowsText, [
    projectId,
    userId,
    plan.chats,
    plan.purchases,
    plan.links,
    others.slice(0, plan.members),
    plan.jobs,
    files.map(({ hash }) => hash),
    files.map(({ bytes }) => bytes.length),
  ])
  if (rows.length > 0) await scene.database.asMaintenance((db) => index.add(db, projectId, rows))
}

/** As a program past every check would: into a project that goes. @returns the code of a refusal */
export async function addLate({ owner }: Scene, projectId: string): Promise<string | undefined> {
  const text = `insert into project_links (id, project_id, kind, key, name)
    values (gen_random_uuid(), $1, 'jira-project', $2, 'late')`
  try {
    await owner.query(text, [projectId, randomUUID()])
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

let tables: Promise<string> | undefined

/** A hash of every row of a project and of its objects' names; what people did in it is not in it. */
export async function hashOf(scene: Scene, projectId: string): Promise<string> {
  tables ??= hashText(scene)
  const { rows } = await scene.owner.query<{ hash: string }>(await tables, [projectId])
  return rows.map(({ hash }) => hash).join('\n')
}

async function hashText({ owner }: Scene): Promise<string> {
  const { rows } = await owner.query<{ name: string; condition: string }>(
    `select name, condition from project_tables() where name <> 'project_activity'
     union all select name, key || ' = $1' from project_leavers() order by 1`,
  )
  const jobs = `select 'jobs ' || count(*) from background_jobs
    where state = 'queued' and run_at > now() + interval '1 hour'
      and payload ->> 'projectId' = $1::text`
  return rows
    .map(
      ({ name, condition }) => `select '${name} ' || count(*) || ' ' ||
        coalesce(md5(string_agg(to_jsonb(t)::text, ',' order by to_jsonb(t)::text)), '') as hash
        from public.${name} t where ${condition}`,
    )
    .concat(jobs)
    .join(' union all ')
}
