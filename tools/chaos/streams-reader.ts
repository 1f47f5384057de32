import { type Agent, request } from 'node:http'
import {
  createSocketTicket,
  type RunEvent,
  socketPath,
  socketProtocol,
  socketReply,
  type StreamedEvent,
  ticketPrefix,
} from '@studioops/contracts/runs'
import { createParser } from 'eventsource-parser'
import { WebSocket } from 'ws'
import type { TestClient } from '../../apps/server/src/testing/test-client.ts'

export type ReaderWay = 'stream' | 'socket' | 'poll'

/** Whose connections are cut, where, and what it is to hear in the end. */
export type Reading = {
  readonly origin: string
  readonly client: TestClient
  readonly runId: string
  readonly way: ReaderWay
  /** How often a connection of it is cut. */
  readonly cuts: number
  readonly random: () => number
  readonly text: string
  /** Something came, on a connection that was begun at this time. */
  readonly onWord: (begunAt: number) => void
}

export type Read = { readonly cuts: number; readonly violations: readonly string[] }

/** Bytes, or events where there are no bytes to be seen, after which a connection is cut. */
const cutWithinBytes = 900
const cutWithinEvents = 6
const againMs = 25

/** What one reader knows; what is torn does not count. */
function createNotes({ text }: Reading) {
  const violations: string[] = []
  let last: { id: string; seq: number } | undefined
  let isDone = false
  let said = ''

  function end({ state }: Extract<RunEvent, { type: 'done' }>): void {
    isDone = true
    if (state !== 'complete') violations.push(`ended as ${state}`)
    else if (said !== text)
      violations.push(`is complete and says ${said.length} of ${text.length}: …${said.slice(-60)}`)
  }

  return {
    violations,
    after: () => last?.id,
    isDone: () => isDone,
    /** Everything is asked for once more, from the beginning. */
    forget(): void {
      last = undefined
      isDone = false
      said = ''
    },
    hear({ id, event }: StreamedEvent): void {
      const seq = Number(id.split('.')[1])
      if (seq !== (last?.seq ?? -1) + 1)
        violations.push(`event ${id} came after ${last?.id ?? 'none'}`)
      last = { id, seq }
      // Shown as discarded; what counts begins anew.
      if (event.type === 'provider' || event.type === 'reset') said = ''
      if (event.type === 'assistant_token') said += event.text
      if (event.type === 'done') end(event)
    },
  }
}

type Notes = ReturnType<typeof createNotes>
type Visit = Reading & { readonly notes: Notes; readonly agent: Agent; readonly begunAt: number }

/** Reads a run to its end over connections that are cut, then again until all cuts are used up. */
export async function read(reading: Reading, agent: Agent): Promise<Read> {
  const notes = createNotes(reading)
  const visit = { stream: visitStream, socket: visitSocket, poll: visitByPolling }[reading.way]
  let cuts = 0
  for (;;) {
    if (notes.isDone() && (cuts >= reading.cuts || notes.violations.length > 0)) break
    if (notes.isDone()) notes.forget()
    const place = { ...reading, notes, agent, begunAt: performance.now() }
    try {
      if (await visit(place, cuts < reading.cuts)) cuts += 1
    } catch {
      // The server is away.
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }
  return { cuts, violations: notes.violations.map((one) => `${reading.way}: ${one}`) }
}

function headersOf({ client, notes }: Visit): Record<string, string> {
  const after = notes.after()
  return {
    cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    ...(after === undefined ? {} : { 'last-event-id': after }),
  }
}

/** @returns whether the connection was cut, at any byte. @throws where there was none */
function visitStream(visit: Visit, isCut: boolean): Promise<boolean> {
  const { origin, runId, notes, agent, random } = visit
  let left = isCut ? Math.floor(random() * cutWithinBytes) : Infinity
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent({ id, event, data }) {
      if (id !== undefined && !notes.isDone())
        notes.hear({ id, event: { type: event, ...JSON.parse(data) } as RunEvent })
    },
  })
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/api/runs/${runId}/events`, {
      headers: headersOf(visit),
      agent,
    })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume()
        reject(new Error(`${answer.statusCode}`))
        return
      }
      answer.on('error', reject)
      answer.on('data', (bytes: Buffer) => {
        visit.onWord(visit.begunAt)
        parser.feed(decoder.decode(bytes.subarray(0, left), { stream: true }))
        left -= bytes.length
        if (left > 0 && !notes.isDone()) return
        asked.destroy()
        resolve(left <= 0)
      })
      answer.on('end', () => resolve(false))
    })
    asked.end()
  })
}

async function visitSocket(visit: Visit, isCut: boolean): Promise<boolean> {
  const { origin, client, runId, notes, random } = visit
  const { ticket } = await client.call(createSocketTicket, {})
  const url = `${origin.replace('http', 'ws')}${socketPath}`
  const socket = new WebSocket(url, [socketProtocol, `${ticketPrefix}${ticket}`])
  let left = isCut ? 1 + Math.floor(random() * cutWithinEvents) : Infinity
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'subscribe', runId, after: notes.after() })),
    )
    socket.on('message', (data: Buffer) => {
      const said = socketReply.parse(JSON.parse(data.toString('utf8')))
      visit.onWord(visit.begunAt)
      for (const streamed of said.type === 'events' ? said.events : []) {
        if (left <= 0) break
        left -= 1
        notes.hear(streamed)
      }
      if (left > 0 && !notes.isDone() && said.type !== 'over') return
      resolve(left <= 0)
      socket.terminate()
    })
  })
}

/** An answer that is torn is no JSON, and asked for again. */
function visitByPolling(visit: Visit, isCut: boolean): Promise<boolean> {
  const { origin, runId, notes, agent, random } = visit
  const after = notes.after()
  const search = after === undefined ? '' : `?after=${after}`
  const isTorn = isCut && random() < 0.5
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/api/runs/${runId}/events/next${search}`, {
      headers: headersOf(visit),
      agent,
    })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('error', reject)
      answer.on('data', (part: string) => {
        visit.onWord(visit.begunAt)
        text += part
        if (!isTorn) return
        asked.destroy()
        resolve(true)
      })
      answer.on('end', () => {
        if (answer.statusCode !== 200) return reject(new Error(text))
        for (const streamed of (JSON.parse(text) as { events: StreamedEvent[] }).events)
          notes.hear(streamed)
        resolve(isCut)
      })
    })
    asked.end()
  })
}
