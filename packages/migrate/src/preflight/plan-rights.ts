import { lastName } from '../analyse/keys.ts'
import type { Fact, Facts } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { objectTo, type Objection, type Place } from '../objection.ts'
import type { LedgerNames } from '../ledger/ledger-names.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import type { PlanStep } from './plan-flow.ts'
import { preflightReasons } from './preflight-reasons.ts'
import { tableKeyOf } from './row-source.ts'

/** A right that a statement needs on the live database. */
type Need = {
  readonly place: Place & { readonly statementNo: number }
  readonly object: string
} & (
  | { readonly kind: 'owner'; readonly owner: string }
  | { readonly kind: 'schema' | 'database' }
  | { readonly kind: 'table'; readonly rights: readonly string[] }
  | { readonly kind: 'extension' | 'role' }
)

/** What the statements of a plan need; asked of the server once, afterwards. */
export function needsOf(
  step: PlanStep,
  live: ReadonlyMap<string, Fact>,
  /** Keys of roles that the plan itself has made up to and with this statement. */
  rolesMade: ReadonlySet<string>,
): Need[] {
  const { migration, statement, observation } = step
  const place = {
    migration: migration.source.id,
    file: migration.source.file,
    statementNo: statement.no,
    line: statement.line,
    column: statement.column,
  }
  const { added, removed, changed } = observation.changes
  const isLiveSchema = (schema: string | undefined) =>
    schema !== undefined && (live.has(`schema ${quoteName(schema)}`) || schema === 'public')
  const owned = [...removed, ...changed.map(({ before }) => before), ...added]
    .map((fact) => ownerFact(fact, step, live))
    .filter((fact) => fact !== undefined)
  return [
    ...unique(owned).map((fact): Need => ({
      place,
      kind: 'owner',
      object: nameOf(fact),
      owner: textOf(fact.environment['owner']),
    })),
    ...[...new Set(added.map(({ schema }) => schema))]
      .filter((schema) => schema !== undefined && isLiveSchema(schema))
      .filter((schema) =>
        added.some(
          (fact) => fact.schema === schema && (fact.parent === undefined || fact.kind === 'index'),
        ),
      )
      .map((schema): Need => ({ place, kind: 'schema', object: quoteName(schema ?? '') })),
    ...added
      .filter(({ kind }) => kind === 'schema')
      .map((fact): Need => ({ place, kind: 'database', object: fact.name })),
    ...added
      .filter(({ kind }) => kind === 'extension')
      .map((fact): Need => ({ place, kind: 'extension', object: fact.name })),
    ...added.flatMap((fact) => parentNeeds(fact, step, place)),
    ...rowNeeds(step, place),
    ...[...statement.reads]
      .filter((key) => key.startsWith('role:') && !rolesMade.has(key))
      .map((key): Need => ({ place, kind: 'role', object: lastName(key) })),
  ]
}

function unique(facts: readonly Fact[]): Fact[] {
  return [...new Map(facts.map((fact) => [fact.key, fact])).values()]
}

/** The live object that has to belong to us: the one that changes, or the table of the part that does. */
function ownerFact(
  fact: Fact,
  { flow, before }: PlanStep,
  live: ReadonlyMap<string, Fact>,
): Fact | undefined {
  // A trigger needs a right on the table only, and a sequence of a column comes with it.
  if (fact.kind === 'trigger' || fact.kind === 'default-privileges') return undefined
  if (fact.kind !== 'table' && fact.parent === undefined)
    return before.has(fact.key) ? live.get(fact.key) : undefined
  const table = tableKeyOf(fact)
  const origin = flow.beforeStatement.tableOf(table) ?? flow.tableOf(table)
  if (origin === undefined) return live.get(`view ${parentOf(fact)}`)
  return origin.kind === 'live' ? live.get(`table ${origin.name}`) : undefined
}

/** A foreign key needs a right on the table that it refers to, a trigger one on its own. */
function parentNeeds(fact: Fact, { flow }: PlanStep, place: Need['place']): Need[] {
  const [table, right] =
    fact.kind === 'trigger'
      ? [parentOf(fact), 'trigger']
      : [textOf(fact.details['references']), 'references']
  const origin = table === '' ? undefined : flow.tableOf(`table ${table}`)
  if (origin?.kind !== 'live') return []
  return [{ place, kind: 'table', object: origin.name, rights: [right] }]
}

const rowRights: Readonly<Record<string, readonly string[]>> = {
  InsertStmt: ['insert'],
  UpdateStmt: ['update'],
  DeleteStmt: ['delete'],
  TruncateStmt: ['truncate'],
}

function rowNeeds({ statement, observation, flow }: PlanStep, place: Need['place']): Need[] {
  const rights = rowRights[statement.kind]
  if (rights === undefined) return []
  const tables = observation.losses.flatMap(({ kind, table }) =>
    kind === 'rows' && table !== undefined ? [table] : [],
  )
  return [...new Set(tables)].flatMap((table): Need[] => {
    const origin = flow.beforeStatement.tableOf(`table ${table}`)
    return origin?.kind === 'live' ? [{ place, kind: 'table', object: origin.name, rights }] : []
  })
}

/** The role that the plan runs as. */
export type Actor = { readonly role: string; readonly isSuperuser: boolean }

export async function readActor(query: Query, role: string | undefined): Promise<Actor> {
  const { rows } = await query(
    `select r.rolname as role, r.rolsuper as is_superuser from pg_catalog.pg_roles r
      where r.rolname = coalesce($1, current_user)`,
    [role ?? null],
  )
  const [row] = rows
  return {
    role: row === undefined ? (role ?? '') : String(row['role']),
    isSuperuser: row?.['is_superuser'] === true,
  }
}

type Rights = {
  readonly query: Query
  readonly actor: Actor
  readonly live: Facts
  readonly ledger: LedgerNames
}

/** Rights that the role does not have, and names outside the database that nobody has. */
export async function checkRights(
  needs: readonly Need[],
  { query, actor, live, ledger }: Rights,
): Promise<Objection[]> {
  const objections: Objection[] = []
  const seen = new Set<string>()
  for (const need of needs) {
    const name = JSON.stringify({ ...need, place: undefined })
    if (seen.has(name)) continue
    seen.add(name)
    const answer = await answerTo(need, { query, actor })
    if (answer !== undefined) objections.push(answer)
  }
  if (actor.isSuperuser || needs.length === 0) return objections
  return [...objections, ...(await ledgerRights({ query, actor, live, ledger }))]
}

type Asker = Pick<Rights, 'query' | 'actor'>

async function answerTo(need: Need, asker: Asker): Promise<Objection | undefined> {
  switch (need.kind) {
    case 'role':
      return roleAnswer(need, asker)
    case 'extension':
      return extensionAnswer(need, asker)
    case 'owner':
      return ownerAnswer(need, asker)
    default:
      return privilegeAnswer(need, asker)
  }
}

const standIns = new Set(['public', 'none', 'current_role', 'current_user', 'session_user'])

async function roleAnswer(
  { place, object }: Need,
  { query }: Asker,
): Promise<Objection | undefined> {
  if (standIns.has(object)) return undefined
  const { rows } = await query('select from pg_catalog.pg_roles where rolname = $1', [object])
  return rows.length > 0 ? undefined : objectTo(preflightReasons.unknownRole, { ...place, object })
}

async function ownerAnswer(
  { place, object, owner }: Need & { kind: 'owner' },
  { query, actor }: Asker,
): Promise<Objection | undefined> {
  if (actor.isSuperuser || owner === '' || owner === actor.role) return undefined
  const { rows } = await query(`select pg_catalog.pg_has_role($1::name, $2::name, 'USAGE') as ok`, [
    actor.role,
    owner,
  ])
  if (rows[0]?.['ok'] === true) return undefined
  return objectTo(preflightReasons.notOwner, { ...place, object }, { owner, role: actor.role })
}

type Privilege = { readonly text: string; readonly object: string; readonly right: string }

function privilegeOf(need: Need): Privilege {
  const { object } = need
  if (need.kind === 'table') {
    const right = need.rights.join(', ')
    const text = 'select has_table_privilege($1::name, to_regclass($2)::oid, $3) as ok'
    return { text, object, right }
  }
  return need.kind === 'schema'
    ? {
        text: 'select has_schema_privilege($1::name, to_regnamespace($2)::oid, $3) as ok',
        object,
        right: 'create',
      }
    : {
        text: 'select has_database_privilege($1::name, coalesce($2, current_database()), $3) as ok',
        object: 'database',
        right: 'create',
      }
}

async function privilegeAnswer(
  need: Need,
  { query, actor }: Asker,
): Promise<Objection | undefined> {
  if (actor.isSuperuser) return undefined
  const { text, object, right } = privilegeOf(need)
  const { rows } = await query(text, [actor.role, need.kind === 'database' ? null : object, right])
  if (rows[0]?.['ok'] !== false) return undefined
  const named = need.kind === 'schema' ? `schema ${object}` : object
  const facts = { right, role: actor.role }
  return objectTo(preflightReasons.missingRight, { ...need.place, object: named }, facts)
}

async function extensionAnswer(
  { place, object }: Need,
  { query, actor }: Asker,
): Promise<Objection | undefined> {
  const { rows } = await query(
    `select e.extname is not null as is_installed, v.trusted,
        has_database_privilege($2, current_database(), 'CREATE') as may_create
       from pg_catalog.pg_available_extensions a
       left join pg_catalog.pg_extension e on e.extname = a.name
       left join pg_catalog.pg_available_extension_versions v
         on v.name = a.name and v.version = a.default_version
      where a.name = $1`,
    [object, actor.role],
  )
  const [row] = rows
  const at = { ...place, object }
  if (row === undefined) return objectTo(preflightReasons.unknownExtension, at)
  const may = actor.isSuperuser || (row['trusted'] === true && row['may_create'] === true)
  return may || row['is_installed'] === true
    ? undefined
    : objectTo(preflightReasons.extensionRight, at)
}

/** The engine writes its own tables, too. */
async function ledgerRights({ query, actor, ledger }: Rights): Promise<Objection[]> {
  const { rows } = await query(
    `select to_regclass($2) is not null as is_there,
        coalesce(has_table_privilege($1, to_regclass($2)::oid, 'SELECT')
          and has_table_privilege($1, to_regclass($2)::oid, 'INSERT')
          and has_table_privilege($1, to_regclass($2)::oid, 'UPDATE'), false) as may_write,
        coalesce(has_schema_privilege($1, to_regnamespace(quote_ident($3))::oid, 'CREATE'), false) as may_create`,
    [actor.role, ledger.migrations, ledger.schema],
  )
  const row = rows[0] ?? {}
  const isThere = row['is_there'] === true
  if (isThere ? row['may_write'] === true : row['may_create'] === true) return []
  const object = isThere ? ledger.migrations : `schema ${quoteName(ledger.schema)}`
  return [
    objectTo(
      preflightReasons.missingRight,
      { migration: '', object, statementNo: 0 },
      { right: isThere ? 'select, insert, update' : 'create', role: actor.role },
    ),
  ]
}
