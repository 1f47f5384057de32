import { createHmac, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createTrelloClient } from '../../integrations/trello/trello-client.ts'
import { createTrelloLimits } from '../../integrations/trello/trello-limits.ts'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { createHttp } from '../../platform/http/server.ts'
import { createJobs } from '../../platform/jobs/job-worker.ts'
import { createLog } from '../../platform/log/log.ts'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { demoTrelloKey } from '../../simulators/demo-data.ts'
import { noa, serveTrello } from '../../simulators/trello/served-trello.test-data.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { serveBoardHooks } from './boards.hooks.routes.ts'
import { createBoardHooks } from './boards.hooks.ts'
import * as store from './boards.store.ts'

const appSecret = 'secret-of-the-power-up'
const userId = randomUUID()
let copy: TestDatabase
let database: Database
let trello: Awaited<ReturnType<typeof serveTrello>>
let origin: string
let isConnected = true
const refreshed: string[] = []
const opened = new AsyncDisposableStack()

async function openHooks() {
  const outbound = opened.use(
    createOutbound({ allowed: { listed: [], trustedOrigins: () => [trello.origin] } }),
  )
  const credential = { key: new Secret(demoTrelloKey), token: new Secret(noa.token) }
  const limits = createTrelloLimits()
  const client = createTrelloClient({ outbound, limits, baseUrl: trello.url, credential })
  return createBoardHooks({
    database,
    jobs: createJobs('1.0.0'),
    openTrello: async () => client,
    isConnected: async () => isConnected,
    refresh: async (_user, boardId) => void refreshed.push(boardId),
    secret: new Secret(appSecret),
    publicOrigin: () => origin,
  })
}
let hooks: Awaited<ReturnType<typeof openHooks>>

beforeAll(async () => {
  const log = createLog({ level: 'silent' })
  copy = opened.use(await copyDatabase(inject('postgres')))
  database = opened.use(openDatabase(copy, log))
  trello = opened.use(await serveTrello({ appSecret }))
  await copy.asOwner((db) =>
    db.query(
      `insert into users (id, employee_id, name, email, display_name, hashed_password, wrapped_key, role)
       values ($1, 'noa', 'noa', 'noa@example.com', 'Noa', 'x', 'x', 'member')`,
      [userId],
    ),
  )
  hooks = await openHooks()
  const http = await createHttp({ log })
  await serveBoardHooks(http, hooks, { take: () => undefined })
  await http.listen({ port: 0, host: '127.0.0.1' })
  opened.defer(() => http.close())
  origin = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
})
afterAll(() => opened.disposeAsync())
beforeEach(async () => {
  isConnected = true
  await database.asMaintenance((db) => sql`delete from background_jobs`.execute(db))
})

const scope = {
  id: '',
  userId,
  attempt: 1,
  isLastAttempt: false,
  signal: new AbortController().signal,
  progress: () => undefined,
  asHolder: () => Promise.reject(new Error('nothing is held')),
}
const run = (kind: 'boards.watch' | 'boards.refresh') =>
  hooks.kinds[kind]?.run({ boardId: trello.boardId }, scope)

const keepBoard = () =>
  database.asUser(userId, async (db) => {
    const place = { kind: 'board', key: trello.boardId } as const
    await store.saveCopy(db, place, { userId, value: {}, at: new Date() })
    await hooks.planWatch(db, userId, trello.boardId)
  })

async function jobKinds(): Promise<string[]> {
  const rows = await database.asMaintenance((db) =>
    db.selectFrom('background_jobs').select('kind').execute(),
  )
  return rows.map(({ kind }) => kind)
}

async function isOutdated() {
  const place = { kind: 'board', key: trello.boardId } as const
  return (await database.asUser(userId, (db) => store.findCopy(db, place)))?.isOutdated
}

async function addCard(): Promise<void> {
  const idList = trello.simulator.state().lists.find((one) => one.idBoard === trello.boardId)?.id
  const response = await fetch(`${trello.url}/1/cards?idList=${idList}&name=Somebody`, {
    method: 'POST',
    headers: {
      authorization: `OAuth oauth_consumer_key="${demoTrelloKey}", oauth_token="${noa.token}"`,
    },
  })
  expect(response.status).toBe(200)
  await trello.simulator.webhooksSettled()
}

const hookOf = () => trello.simulator.state().webhooks[0]

const post = (url: string, body: string, signature: string) =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-trello-webhook': signature },
  })

const sign = (body: string, url: string) =>
  createHmac('sha1', appSecret).update(body).update(url).digest('base64')

describe('Trello calls when a board changes [CON-3] [JOB-7]', () => {
  it('is asked for once, after it has knocked, and a change makes the copy old and has it read anew', async () => {
    await keepBoard()
    expect(await jobKinds()).toEqual(['boards.watch'])
    await run('boards.watch')
    expect(trello.simulator.state().webhooks).toHaveLength(1)
    expect(hookOf()?.callbackURL).toMatch(`${origin}/hooks/trello/`)
    await database.asMaintenance((db) => sql`delete from background_jobs`.execute(db))
    await keepBoard()
    expect(await jobKinds()).toEqual([])

    expect(await isOutdated()).toBe(false)
    await addCard()
    await addCard()
    expect(await isOutdated()).toBe(true)
    expect(await jobKinds()).toEqual(['boards.refresh'])
    await run('boards.refresh')
    expect(refreshed).toEqual([trello.boardId])
  })

  it('only with the signature over these bytes and this address', async () => {
    await keepBoard()
    const url = hookOf()?.callbackURL ?? ''
    const body = '{"action":{}}'
    expect((await post(url, body, 'AAAA')).status).toBe(401)
    expect((await post(url, `${body} `, sign(body, url))).status).toBe(401)
    expect((await post(url, body, sign(body, `${url}/`))).status).toBe(401)
    expect(await isOutdated()).toBe(false)
    expect((await post(url, body, sign(body, url))).status).toBe(200)
    expect(await isOutdated()).toBe(true)
  })

  it('is brought back where Trello has switched it off or has forgotten it', async () => {
    const hook = hookOf()
    if (hook === undefined) throw new Error('nothing is watched')
    hook.active = false
    await run('boards.watch')
    expect(hookOf()?.active).toBe(true)
    trello.simulator.state().webhooks.length = 0
    await run('boards.watch')
    expect(trello.simulator.state().webhooks).toHaveLength(1)
    expect(hookOf()?.callbackURL).not.toBe(hook.callbackURL)
    const old = await fetch(hook.callbackURL, { method: 'HEAD' })
    expect(old.status).toBe(410)
  })

  it('is told that it is gone when the person has left Trello, and for what never was', async () => {
    const url = hookOf()?.callbackURL ?? ''
    isConnected = false
    expect((await post(url, '{}', sign('{}', url))).status).toBe(410)
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(410)
    const never = `${origin}/hooks/trello/${randomUUID()}`
    expect((await post(never, '{}', sign('{}', never))).status).toBe(410)
    expect((await post(`${origin}/hooks/trello/x`, '{}', '')).status).toBe(410)
  })
})
