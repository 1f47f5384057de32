import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { signOut } from '@studioops/contracts/accounts'
import {
  createSocketTicket,
  pollRun,
  type SocketReply,
  type SocketRequest,
  socketProtocol,
  socketReply,
  ticketPrefix,
} from '@studioops/contracts/runs'
import { createStory, writeStory } from '@studioops/contracts/stories'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createSocketServer } from '../../platform/http/sockets.ts'
import { startTestApp, type TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'

let app: TestApp
let noa: TestClient
let maya: TestClient

beforeAll(async () => {
  app = await startTestApp()
  noa = await app.withModel('noa.levi')
  maya = await app.withModel('maya.green')
})
afterAll(() => app[Symbol.asyncDispose]())

async function startRun(
  client = noa,
  requirement = 'A shopper pays with a saved card שלום 👩‍🚀 and hears why it failed',
): Promise<string> {
  const { story } = await client.call(createStory, {
    body: { requirement, format: 'classic', language: 'en' },
  })
  const { run } = await client.call(writeStory, { params: { storyId: story.id }, body: {} })
  return run.id
}

type Opening = { readonly ticket?: string; readonly origin?: string; readonly at?: string }

async function open({ ticket = '', origin = app.origin, at = app.origin }: Opening) {
  const protocols = [socketProtocol, ...(ticket === '' ? [] : [`${ticketPrefix}${ticket}`])]
  const socket = new WebSocket(`${at.replace('http', 'ws')}/chat`, protocols, { origin })
  const heard: SocketReply[] = []
  let wake = () => {}
  socket.on('message', (data: Buffer) => {
    heard.push(socketReply.parse(JSON.parse(data.toString('utf8'))))
    wake()
  })
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  const opened = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    ),
  ])
  return {
    socket,
    status: opened,
    heard,
    closed,
    say: (request: SocketRequest) => socket.send(JSON.stringify(request)),
    async until(isIt: (reply: SocketReply) => boolean): Promise<SocketReply> {
      for (;;) {
        const found = heard.find(isIt)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

async function openFor(client: TestClient) {
  const { ticket } = await client.call(createSocketTicket, {})
  return open({ ticket })
}

const eventsIn = (heard: readonly SocketReply[]) =>
  heard.flatMap((reply) => (reply.type === 'events' ? reply.events : []))

describe('a WebSocket', () => {
  it('tells the same events as a stream, from any id on [STR-1, STR-4]', async () => {
    const runId = await startRun()
    const streamed = await noa.follow(runId)
    const line = await openFor(noa)
    line.say({ type: 'subscribe', runId })
    await line.until(({ type }) => type === 'over')
    expect(eventsIn(line.heard)).toEqual(streamed)
    const later = await openFor(noa)
    later.say({ type: 'subscribe', runId, after: streamed[1]?.id })
    await later.until(({ type }) => type === 'over')
    expect(eventsIn(later.heard)).toEqual(streamed.slice(2))
    for (const { socket } of [line, later]) socket.close()
  })

  it('takes requests on the same line: stop, and a question answered [STR-1, STR-3]', async () => {
    const line = await openFor(noa)
    const asking = await startRun(noa, 'Save cards')
    line.say({ type: 'subscribe', runId: asking })
    const said = (type: string) => (reply: SocketReply) =>
      reply.type === 'events' && reply.events.some(({ event }) => event.type === type)
    await line.until(said('clarify'))
    const question = eventsIn(line.heard).find(({ event }) => event.type === 'clarify')?.event
    const requestId = question?.type === 'clarify' ? question.requestId : ''
    line.say({ type: 'answer', runId: asking, requestId, answer: 'Visa', ask: '1' })
    expect(await line.until((reply) => reply.type === 'run')).toMatchObject({ ask: '1' })
    await line.until(({ type }) => type === 'over')

    app.model.simulator.faults.set({ fault: { kind: 'stall', after: 2 } })
    const stalled = await startRun()
    line.say({ type: 'subscribe', runId: stalled })
    await line.until((reply) => reply.type === 'events' && reply.runId === stalled)
    line.say({ type: 'stop', runId: stalled, ask: '2' })
    const stopped = await line.until((reply) => reply.type === 'run' && reply.ask === '2')
    expect(stopped).toMatchObject({ run: { state: 'stopped' } })
    app.model.simulator.faults.clear()
    line.socket.close()
  })

  it('opens by a ticket, once, for a page of ours, and by no cookie [SEC-2, SEC-3] [ASVS-4.4.2] [ASVS-4.4.4]', async () => {
    const { ticket } = await noa.call(createSocketTicket, {})
    const cookie = [...noa.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const withCookie = new WebSocket(`${app.origin.replace('http', 'ws')}/chat`, socketProtocol, {
      headers: { cookie },
      origin: app.origin,
    })
    withCookie.on('error', () => {})
    const [, refused] = (await once(withCookie, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ]
    expect(refused.statusCode).toBe(401)
    expect((await open({ ticket, origin: 'https://evil.example' })).status).toBe(403)
    const first = await open({ ticket })
    expect(first.status).toBe(101)
    expect(first.socket.protocol).toBe(socketProtocol)
    expect((await open({ ticket })).status).toBe(401)
    expect((await open({})).status).toBe(401)
    const forged = await noa.try(createSocketTicket, {}, { 'x-csrf-token': 'x' })
    expect(forged.status).toBe(403)
    expect((await noa.fetch('/chat')).status).toBe(426)
    first.socket.close()
  })

  it('says of the run of another what it says of none [ID-13]', async () => {
    const runId = await startRun()
    await noa.follow(runId)
    const line = await openFor(maya)
    const answers: unknown[] = []
    for (const id of [runId, randomUUID()])
      for (const type of ['subscribe', 'stop'] as const) {
        line.say({ type, runId: id, ask: `${type} ${id}` })
        const answer = await line.until(({ type: kind, ...reply }) => {
          return kind === 'refused' && 'ask' in reply && reply.ask === `${type} ${id}`
        })
        answers.push({
          ...answer,
          runId: '',
          ask: '',
          problem: { ...(answer as { problem: object }).problem, timestamp: '' },
        })
      }
    expect(answers[0]).toMatchObject({ problem: { code: 'run.not-found' } })
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(eventsIn(line.heard)).toEqual([])
    line.socket.close()
  })

  it('ends with the sign-in that asked for it [ID-9] [ASVS-4.4.3]', async () => {
    const leaving = await app.signedIn('noa.levi')
    const { ticket: unused } = await leaving.call(createSocketTicket, {})
    const line = await openFor(leaving)
    await leaving.call(signOut, {})
    const [code] = (await line.closed) as [number]
    expect(code).toBe(4401)
    expect((await open({ ticket: unused })).status).toBe(401)
  })

  it('refuses what it does not understand, and closes on what is too long', async () => {
    const line = await openFor(noa)
    for (const text of ['{', '{"type":"delete"}', '{"type":"subscribe","runId":"1"}'])
      line.socket.send(text)
    await line.until(() => line.heard.filter(({ type }) => type === 'refused').length === 3)
    line.socket.send('x'.repeat(20_000))
    expect((await line.closed)[0]).toBe(1009)
  })

  it('is answered on a port of its own too, to the page of the main port [D-16]', async () => {
    const server = createSocketServer(app.app.upgrade)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const at = `http://localhost:${(server.address() as AddressInfo).port}`
    const { ticket } = await noa.call(createSocketTicket, {})
    const line = await open({ ticket, at, origin: app.origin.replace('127.0.0.1', 'localhost') })
    expect(line.status).toBe(101)
    expect((await fetch(`${at}/api/session`)).status).toBe(426)
    line.socket.close()
    server.closeAllConnections()
    server.close()
  })
})

describe('polling', () => {
  it('gives the same events with the same ids, lot by lot [STR-5]', async () => {
    const runId = await startRun()
    const polled: { id: string }[] = []
    for (;;) {
      const after = polled.at(-1)?.id
      const { events, isOver } = await noa.call(pollRun, {
        params: { runId },
        query: after === undefined ? {} : { after },
      })
      polled.push(...events)
      if (isOver) break
    }
    expect(polled).toEqual(await noa.follow(runId))
  })
})
