import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { FaultRule } from '../../simulators/fault-control.ts'
import { demoTrelloKey } from '../../simulators/demo-data.ts'
import { noa, serveTrello } from '../../simulators/trello/served-trello.test-data.ts'
import { createTrelloClient } from './trello-client.ts'
import { TrelloError, type TrelloFailure } from './trello-error.ts'
import { createTrelloLimits } from './trello-limits.ts'
import { isSignedByTrello } from './trello-webhook.ts'

let trello: Awaited<ReturnType<typeof serveTrello>>
let outbound: Outbound
let urls: string[] = []
const secret = 'secret-of-the-power-up'

beforeEach(async () => {
  trello = await serveTrello({ appSecret: secret })
  const real = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [trello.origin] },
    clock: { now: () => Date.now(), wait: async () => {} },
  })
  urls = []
  outbound = {
    ...real,
    send(request) {
      urls.push(request.url)
      return real.send(request)
    },
  }
})
afterEach(async () => {
  await outbound[Symbol.asyncDispose]()
  await trello[Symbol.asyncDispose]()
})

const clientWith = (key = demoTrelloKey, token = noa.token, limits = createTrelloLimits()) =>
  createTrelloClient({
    outbound,
    limits,
    baseUrl: `${trello.url}/1/`,
    credential: { key: new Secret(key), token: new Secret(token) },
  })

async function failureOf(work: Promise<unknown>): Promise<TrelloFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof TrelloError) return error.failure
  throw new Error('this was to fail in the words of Trello', { cause: error })
}

const firstList = async (client = clientWith()) => {
  const [list] = await client.lists(trello.boardId)
  return list?.id ?? ''
}

describe('boards, lists, cards and their parts [CON-5]', () => {
  it('reads a whole board in one request, and keeps key and token out of every URL', async () => {
    const client = clientWith()
    const board = await client.wholeBoard(trello.boardId)
    expect(board.lists.map(({ name }) => name)).toEqual(['This week', 'In progress', 'Done'])
    expect(board.cards.map(({ name }) => name)).toContain('Invoice for September')
    expect(board.checklists.map(({ checkItems }) => checkItems.length)).toEqual([3])
    expect(board.labels.map(({ name }) => name)).toEqual(['Ready', 'Blocked', 'Customer'])
    expect(board.members.map(({ username }) => username)).toContain('mayagreen')
    await client.boards()
    await client.search('catalogue')
    expect(urls.join(' ')).not.toContain(demoTrelloKey)
    expect(urls.join(' ')).not.toContain(noa.token)
  })

  it('creates, changes, moves, archives and deletes, with texts in the body and not in the URL', async () => {
    const client = clientWith()
    const idList = await firstList(client)
    const card = await client.createCard({ idList, name: 'סודי', desc: 'גם זה', pos: 'top' })
    const first = await client.cardsOfList(idList)
    expect(first[0]?.id).toBe(card.id)
    const due = '2026-12-01T10:00:00.000Z'
    expect(await client.updateCard(card.id, { due, dueComplete: true })).toMatchObject({ due })
    expect((await client.updateCard(card.id, { due: null })).due).toBeUndefined()
    const list = await client.createList({ idBoard: trello.boardId, name: 'Later', pos: 'bottom' })
    expect((await client.updateCard(card.id, { idList: list.id })).idList).toBe(list.id)
    const checklist = await client.createChecklist({ idCard: card.id, name: 'Steps' })
    const { id: checkItemId } = await client.createCheckItem(checklist.id, { name: 'One' })
    const item = { cardId: card.id, checkItemId }
    expect((await client.updateCheckItem(item, { state: 'complete' })).state).toBe('complete')
    const label = await client.createLabel({ idBoard: trello.boardId, name: 'New', color: null })
    await client.addLabel(card.id, label.id)
    await client.addMember(card.id, noa.id)
    const comment = await client.addComment(card.id, 'ראשון')
    await client.updateComment(comment.id, 'שני')
    expect((await client.comments(card.id)).map(({ data }) => data['text'])).toEqual(['שני'])
    const whole = await client.card(card.id)
    expect(whole).toMatchObject({ idMembers: [noa.id], labels: [{ name: 'New' }] })
    expect(whole.checklists?.[0]?.checkItems).toMatchObject([{ name: 'One', state: 'complete' }])
    await client.updateCard(card.id, { closed: true })
    expect(await client.cardsOfList(list.id)).toEqual([])
    const all = await client.cardsOfBoard(trello.boardId, 'all')
    expect(all.find(({ id }) => id === card.id)?.closed).toBe(true)
    await client.deleteCard(card.id)
    expect((await failureOf(client.card(card.id))).kind).toBe('not-found')
    expect(decodeURIComponent(urls.join(' '))).not.toMatch(/סודי|גם זה|ראשון|שני/)
  })

  it('attaches files and links, gives files back byte for byte, and no link that we would not call', async () => {
    const client = clientWith()
    const [card] = await client.cardsOfBoard(trello.boardId)
    const cardId = card?.id ?? ''
    const bytes = Uint8Array.from({ length: 600 }, (_, index) => index % 256)
    const file = { name: 'הצעת מחיר.pdf', mimeType: 'application/pdf', bytes }
    const { id, isUpload } = await client.attachFile(cardId, file)
    expect(isUpload).toBe(true)
    const back = await client.download(cardId, id)
    expect([back.name, back.mimeType]).toEqual([file.name, file.mimeType])
    expect(Buffer.from(back.bytes).equals(bytes)).toBe(true)
    const inside = { url: 'http://169.254.169.254/latest/meta-data' }
    expect(await failureOf(client.attachUrl(cardId, inside))).toMatchObject({
      kind: 'not-allowed',
      sent: false,
    })
    const link = await client.attachUrl(cardId, { url: `${trello.origin}/trello/a`, name: 'A' })
    expect((await failureOf(client.download(cardId, link.id))).kind).toBe('rejected')
    expect((await client.attachments(cardId)).map(({ name }) => name)).toEqual([file.name, 'A'])
  })

  it('sets and clears custom fields', async () => {
    const client = clientWith()
    const fieldType = { idModel: trello.boardId, modelType: 'board', name: 'Hours', type: 'number' }
    await fetch(`${trello.url}/1/customFields?key=${demoTrelloKey}&token=${noa.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fieldType),
    })
    const [field] = await client.customFields(trello.boardId)
    const [card] = await client.cardsOfBoard(trello.boardId)
    const place = { cardId: card?.id ?? '', customFieldId: field?.id ?? '' }
    await client.setCustomField(place, { number: '8' })
    expect((await client.customFieldItems(place.cardId))[0]?.value).toEqual({ number: '8' })
    await client.setCustomField(place, undefined)
    expect(await client.customFieldItems(place.cardId)).toEqual([])
  })
})

describe('failures of Trello [CON-2]', () => {
  it('tells a wrong key, a wrong token, a bad id, a refusal and an unknown card apart', async () => {
    const kindOf = async (work: Promise<unknown>) => (await failureOf(work)).kind
    expect(await kindOf(clientWith('wrong').boards())).toBe('bad-key')
    expect(await kindOf(clientWith(demoTrelloKey, 'wrong').boards())).toBe('bad-token')
    expect(await kindOf(clientWith('שלום').boards())).toBe('bad-key')
    const rejected = await failureOf(clientWith().card('nonsense'))
    expect(rejected).toMatchObject({ kind: 'not-found' })
    expect(await failureOf(clientWith().card('no id'))).toMatchObject({
      kind: 'rejected',
      messages: ['invalid id'],
    })
  })

  const faults: readonly [string, FaultRule['fault'], Partial<TrelloFailure>][] = [
    ['away', { kind: 'away' }, { kind: 'unreachable' }],
    ['a login page', { kind: 'html-login' }, { kind: 'login-page' }],
    ['a broken answer', { kind: 'garbage' }, { kind: 'unexpected-answer', sent: true }],
    ['its own failure', { kind: 'status', status: 503 }, { kind: 'server-error', sent: true }],
    ['a lost answer', { kind: 'effect-then-lost' }, { kind: 'unreachable', sent: true }],
  ]
  it.each(faults)(
    'says of %s what it is, and never sends a write twice',
    async (_, fault, wanted) => {
      const client = clientWith()
      const idList = await firstList(client)
      trello.simulator.faults.set({ fault, route: 'POST /1/cards' })
      const marker = 'so-aaaaaaaaaa'
      const failure = await failureOf(client.createCard({ idList, name: 'x', desc: marker }))
      expect(failure).toMatchObject(wanted)
      expect(trello.simulator.counters()).toMatchObject({ requests: { 'POST /1/cards': 1 } })
    },
  )

  it('repeats a read after a passing failure, and a 429 only when its time has come', async () => {
    const waits: number[] = []
    let now = 1_000_000
    const limits = createTrelloLimits({
      now: () => now,
      wait: async (ms) => {
        waits.push(ms)
        now += ms
      },
    })
    const client = clientWith(demoTrelloKey, noa.token, limits)
    trello.simulator.faults.set({ fault: { kind: 'status', status: 502 }, times: 1 })
    await client.boards()
    trello.simulator.faults.set({
      fault: { kind: 'too-many-requests', retryAfter: '3' },
      times: 1,
    })
    await client.boards()
    expect(waits).toEqual([3_000])
    trello.simulator.faults.set({ fault: { kind: 'too-many-requests' }, times: 1 })
    const idList = 'a'.repeat(24)
    const failure = await failureOf(client.createCard({ idList, name: 'x' }))
    expect(failure).toMatchObject({ kind: 'rate-limited', sent: true })
    // Nothing more leaves until the window is over, and whoever cannot wait so long is told.
    expect(
      await failureOf(client.createCard({ idList, name: 'x' }, { deadlineMs: 500 })),
    ).toMatchObject({ kind: 'rate-limited', sent: false, retryAfterMs: 10_000 })
  })

  it('keeps below both limits of Trello by itself, so that no request is ever refused', async () => {
    let now = 0
    const limits = createTrelloLimits({
      now: () => now,
      wait: async (ms) => {
        now = Math.max(now, now + ms)
      },
    })
    const sentAt: number[] = []
    for (let index = 0; index < 500; index += 1) {
      const token = index % 4 === 0 ? 'one' : `other-${index % 4}`
      await limits.take({ key: 'k', token, host: 'h', isOfMembers: false }, 600_000)
      sentAt.push(now)
    }
    const mostWithin = Math.max(
      ...sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + 10_000).length),
    )
    expect(mostWithin).toBeLessThanOrEqual(300)
    expect(mostWithin).toBeGreaterThan(200)
  })
})

describe('webhooks [CON-3]', () => {
  it('are called back for real, signed as Trello signs, and nobody else can sign', async () => {
    const calls: { body: Buffer; signature: string | undefined }[] = []
    const listener = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const signature = request.headers['x-trello-webhook']
        if (request.method === 'POST')
          calls.push({ body: Buffer.concat(chunks), signature: [signature].flat()[0] })
        response.writeHead(request.url === '/gone' ? 404 : 200).end()
      })
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo
    const client = clientWith()
    const callbackURL = `http://127.0.0.1:${port}/hook`
    const gone = `http://127.0.0.1:${port}/gone`
    const refused = await failureOf(
      client.createWebhook({ callbackURL: gone, idModel: trello.boardId }),
    )
    expect(refused.messages[0]).toContain('did not return 200 status code, got 404')
    const hook = await client.createWebhook({ callbackURL, idModel: trello.boardId })
    await client.createCard({ idList: await firstList(client), name: 'כרטיס' })
    await trello.simulator.webhooksSettled()
    await client.deleteWebhook(hook.id)
    await client.createCard({ idList: await firstList(client), name: 'Later' })
    await trello.simulator.webhooksSettled()
    listener.close()
    expect(calls).toHaveLength(1)
    const [call = { body: Buffer.alloc(0), signature: '' }] = calls
    expect(call.body.toString()).toContain('createCard')
    const signed = { ...call, callbackUrl: callbackURL }
    expect(isSignedByTrello(new Secret(secret), signed)).toBe(true)
    const body = Buffer.concat([call.body, Buffer.from(' ')])
    expect(isSignedByTrello(new Secret(secret), { ...signed, body })).toBe(false)
    expect(isSignedByTrello(new Secret('other'), signed)).toBe(false)
    expect(isSignedByTrello(new Secret(secret), { ...signed, signature: undefined })).toBe(false)
    const elsewhere = `${callbackURL}/other`
    expect(isSignedByTrello(new Secret(secret), { ...signed, callbackUrl: elsewhere })).toBe(false)
  })
})
