// The limit of the read bench: the same rows by the same query, and nothing else.
import fastify from 'fastify'
import pg from 'pg'
import { readSettings, tell } from './program.ts'

export type BareReadSettings = {
  readonly connection: pg.PoolConfig
  readonly userId: string
  readonly limit: number
}

type Row = {
  id: string
  requirement: string
  project_key: string | null
  updated_at: Date
  summary: string | null
  operation_state: string | null
  external_key: string | null
  external_url: string | null
  is_writing: boolean
}

/** What `listStories` asks, with the person in the text that row security adds by itself. */
const query = `select "stories"."id", "stories"."requirement", "stories"."project_key",
  "stories"."updated_at", "newest"."summary", "operation"."operation_state",
  "operation"."external_key", "operation"."external_url",
  exists (select from runs where runs.story_id = stories.id
    and runs.state in ('running', 'waiting', 'interrupted')) as "is_writing"
from "stories"
left join lateral (select content ->> 'summary' as "summary" from "story_versions"
  where "story_versions"."story_id" = "stories"."id" order by "number" desc limit $1) as "newest" on true
left join lateral (select "state" as "operation_state", "external_key", "external_url"
  from "outside_operations" where "outside_operations"."cause" = 'story:' || stories.id
  order by "created_at" desc limit $2) as "operation" on true
where "stories"."user_id" = $3 order by "stories"."updated_at" desc limit $4`

const { connection, userId, limit } = await readSettings<BareReadSettings>()
const pool = new pg.Pool({ ...connection, max: 10 })
const http = fastify()

http.get('/api/stories', async () => {
  const values = [1, 1, userId, limit]
  const { rows } = await pool.query<Row>({ name: 'stories', text: query, values })
  return { stories: rows.map(present) }
})

function present(row: Row) {
  return {
    id: row.id,
    state: row.is_writing ? 'writing' : row.summary === null ? 'new' : 'draft',
    title: row.summary ?? row.requirement,
    ...(row.project_key === null ? {} : { projectKey: row.project_key }),
    ...(row.external_key === null ? {} : { issueKey: row.external_key }),
    ...(row.external_url === null ? {} : { issueUrl: row.external_url }),
    updatedAt: row.updated_at.toISOString(),
  }
}

const origin = await http.listen({ port: 0, host: '127.0.0.1' })
await tell({ origin })
