import { randomUUID } from 'node:crypto'
import { askChat, createChat } from '@studioops/contracts/chats'
import { saveModel } from '@studioops/contracts/connections'
import { chooseModel, getModels } from '@studioops/contracts/models'
import { createProject, setBudgets } from '@studioops/contracts/projects'
import { addPurchase } from '@studioops/contracts/purchases'
import { createStory, editStory, getStory, writeStory } from '@studioops/contracts/stories'
import { setOwnRule } from '@studioops/contracts/story-rule-settings'
import { listToolServers } from '@studioops/contracts/tools'
import type { TestServer } from '../global-setup.ts'
import { givenDocument, givenProject, whenRead } from '../sent-documents.ts'
import { startTestApp, type TestApp } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'
import { findOwnedTables, type OwnedTable, plantRow, readRows, textsIn } from './owned-rows.ts'

/** Somebody who asks. */
export type Caller = {
  readonly who: 'visitor' | 'member' | 'admin'
  readonly userId: string | undefined
  client: TestClient
  /** What the caller has said so far: to hear that again is no leak. */
  readonly said: Set<string>
}

/** A text that only the victim's rows hold, and where. */
export type Canary = { readonly text: string; readonly column: string }

export type World = {
  readonly app: TestApp
  readonly tables: readonly OwnedTable[]
  readonly victim: { readonly userId: string; readonly client: TestClient }
  readonly callers: readonly Caller[]
  readonly canaries: readonly Canary[]
  /** Ids of the victim to ask with, by table. Those of the second story are never sent. */
  readonly ids: ReadonlyMap<string, readonly string[]>
  /** Tables of which the victim has no row: the run would prove nothing about them. */
  readonly empty: readonly string[]
  /** The victim's rows, as they are now. */
  rows(): Promise<Map<string, Record<string, unknown>[]>>
  signIn(caller: Caller): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const names = { admin: 'noa.levi', victim: 'daniel.cohen', member: 'maya.green' } as const

/** Three people with something in every table, and a visitor; one of the three is the victim. */
export async function openWorld(postgres?: TestServer): Promise<World> {
  let clock = 0
  // Limits of attempts would answer in place of what is looked at, and real names take seconds.
  const ground = { attemptClock: () => (clock += 60_000), lookup: async () => [] }
  const app = await startTestApp({ ground, ...(postgres === undefined ? {} : { postgres }) })
  try {
    return await furnish(app)
  } catch (error) {
    await app[Symbol.asyncDispose]()
    throw error
  }
}

async function furnish(app: TestApp): Promise<World> {
  const people = new Map<string, { client: TestClient; userId: string; marker: string }>()
  for (const [role, name] of Object.entries(names)) {
    const marker = `canary-${role}-${randomUUID()}`
    const client = await app.signedIn(name)
    await seed(app, client, marker)
    people.set(role, { client, marker, userId: await userIdOf(app, name) })
  }
  const person = (role: string) => {
    const found = people.get(role)
    if (found === undefined) throw new Error(`nobody is the ${role}`)
    return found
  }
  return app.copy.asOwner(async (db) => {
    const tables = await findOwnedTables(db)
    const empty = new Map<string, string>()
    // More than once, since a row may need one of a table that comes later.
    for (let round = 0; round < 3; round += 1)
      for (const { userId, marker } of people.values()) {
        const rows = await readRows(db, tables, userId)
        for (const table of tables.filter((one) => rows.get(one.table)?.length === 0)) {
          const whose = `${table.table} ${userId}`
          await plantRow(db, { table, userId, marker }).then(
            () => empty.delete(whose),
            (error: Error) => empty.set(whose, `${table.table}: ${error.message}`),
          )
        }
      }
    const victim = person('victim')
    const rows = await readRows(db, tables, victim.userId)
    const others = new Set<string>()
    for (const role of ['admin', 'member'])
      for (const text of textsOf(await readRows(db, tables, person(role).userId)))
        others.add(text.text)

    const caller = (who: Caller['who'], role?: string): Caller => ({
      who,
      userId: role === undefined ? undefined : person(role).userId,
      client: role === undefined ? app.visitor() : person(role).client,
      said: new Set(),
    })
    return {
      app,
      tables,
      victim,
      callers: [caller('member', 'member'), caller('admin', 'admin'), caller('visitor')],
      canaries: canariesIn(rows, others),
      ids: idsIn(rows),
      empty: [...new Set(empty.values())],
      rows: () => app.copy.asOwner((again) => readRows(again, tables, victim.userId)),
      async signIn(one) {
        const role = one.who
        if (role === 'visitor') one.client = app.visitor()
        else one.client = await app.signedIn(names[role])
      },
      [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
    }
  })
}

async function userIdOf(app: TestApp, name: string): Promise<string> {
  const { rows } = await app.copy.asOwner((db) =>
    db.query<{ id: string }>('select id from users where employee_id = $1', [name]),
  )
  return rows[0]?.id ?? ''
}

/** What a person makes with the product, the marker in every text. */
async function seed(app: TestApp, client: TestClient, marker: string): Promise<void> {
  await client.call(saveModel, {
    body: { baseUrl: app.model.url, model: 'demo-writer', apiKey: app.model.key },
  })
  const { providers } = await client.call(getModels, {})
  const own = providers.find(({ kind }) => kind === 'own')
  await client.call(chooseModel, { body: { providerId: own?.id } })
  await seedProjects(client, marker)
  const projectId = await givenProject(client)
  const file = { name: `${marker}.txt`, bytes: Buffer.from(`A document, ${marker}`) }
  const { document } = await givenDocument(client, projectId, file)
  await whenRead(client, projectId, document.id)
  await seedChats(client, projectId, marker)
  const rule = { params: { rule: 'invest.small' as const }, body: { mode: 'warn' as const } }
  await client.call(setOwnRule, rule)
  for (const number of [1, 2]) {
    const requirement = `As a shopper I want to pay with a saved card, ${marker} ${number}`
    const body = { requirement, format: 'bdd', language: 'en' } as const
    const { story } = await client.call(
      createStory,
      { body },
      { 'idempotency-key': `${marker}-${number}` },
    )
    const params = { storyId: story.id }
    for (const ask of [{}, { instruction: `Make it shorter, ${marker} ${number}` }]) {
      const { run } = await client.call(writeStory, { params, body: ask })
      await client.follow(run.id)
    }
    const written = await client.call(getStory, { params })
    const version = written.story.versions.at(-1)
    if (version === undefined) throw new Error('the model wrote nothing')
    const content = { ...version.content, summary: `${marker} summary ${number}` }
    await client.call(editStory, { params, body: { basedOn: version.number, content } })
  }
}

/** One of a project and a personal one, each with a call of a tool that waits for its person. */
async function seedChats(client: TestClient, projectId: string, marker: string): Promise<void> {
  await client.call(listToolServers, {})
  for (const own of [{ projectId }, {}]) {
    const { chat } = await client.call(createChat, { body: own })
    const issue = { project_key: 'PAY', issue_type: 'Task', summary: `${marker} issue` }
    // The simulated model plans the tools that its question names, and calls what it is told to call.
    const plan = JSON.stringify({ tools: ['jira_create_issue', 'x'.repeat(150)] })
    const text = `@@raw ${plan}\n@@call jira_create_issue ${JSON.stringify(issue)}`
    const params = { chatId: chat.id }
    const { run } = await client.call(askChat, { params, body: { text } })
    await client.follow(run.id)
  }
}

/** Two of everything that a project holds and a person writes: one lends its ids, one is never said. */
async function seedProjects(client: TestClient, marker: string): Promise<void> {
  for (const number of [1, 2]) {
    // Those who run the workspace read the name, and must not seem to read anything else by it.
    const name = `${marker.toUpperCase()} project ${number}`
    const body = { name, description: `${marker} about ${number}` }
    const { project } = await client.call(createProject, { body })
    const params = { projectId: project.id }
    await client.call(setBudgets, { params, body: { budgets: [{ currency: 'ILS', amount: '5' }] } })
    await client.call(addPurchase, {
      params,
      body: {
        boughtOn: '2026-11-01',
        vendor: `${marker} vendor ${number}`,
        description: `${marker} thing ${number}`,
        quantity: '1',
        unitPrice: '12.5',
        currency: 'ILS',
        vatRate: '18',
        status: 'paid',
        category: `${marker} category ${number}`,
      },
    })
  }
}

function canariesIn(
  rows: ReadonlyMap<string, Record<string, unknown>[]>,
  others: ReadonlySet<string>,
): Canary[] {
  const found = new Map<string, Canary>()
  for (const canary of textsOf(rows))
    if (!others.has(canary.text) && !found.has(canary.text)) found.set(canary.text, canary)
  return [...found.values()]
}

function textsOf(rows: ReadonlyMap<string, Record<string, unknown>[]>): Canary[] {
  return [...rows].flatMap(([table, own]) =>
    own.flatMap((row) =>
      Object.entries(row).flatMap(([column, value]) =>
        textsIn(value).map((text) => ({ text, column: `${table}.${column}` })),
      ),
    ),
  )
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)

/** One row of each table lends its ids; the others stay unsaid, so that a list would give them away. */
function idsIn(rows: ReadonlyMap<string, Record<string, unknown>[]>): Map<string, string[]> {
  const entries = [...rows].map(([table, own]) => {
    const { user_id: _, ...row } = own.at(-1) ?? {}
    return [table, [...new Set(Object.values(row).filter(isId))]] as const
  })
  return new Map(
    entries.filter(([, ids]) => ids.length > 0).map(([table, ids]) => [table, [...ids]]),
  )
}
