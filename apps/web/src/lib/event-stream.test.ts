import type { Problem } from '@studioops/contracts/problem'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProblemError } from './problem.ts'
import { followRun, type StreamedEvent, type StreamLink } from './event-stream.ts'

const runId = '0b1f6a52-7a31-4d5c-9a53-0c8b5b1b8a11'
const encoder = new TextEncoder()
const heartbeat = encoder.encode('event: heartbeat\ndata: {"lastId":""}\n\n')
const never = () => new AbortController().signal

type Sent = { id: string; event: { type: string } & Record<string, unknown> }

const token = (seq: number, text: string): Sent => ({
  id: `1.${seq}`,
  event: { type: 'assistant_token', text },
})
const done = (seq: number): Sent => ({
  id: `1.${seq}`,
  event: { type: 'done', state: 'complete', version: 1, fallback: false },
})

const frame = ({ id, event: { type, ...data } }: Sent) =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`

function streamOf(pieces: readonly Uint8Array[], end: 'close' | 'break' | 'hang' = 'close') {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      if (end === 'close') controller.close()
    },
    pull(controller) {
      if (end === 'break') controller.error(new TypeError('network error'))
    },
  })
}

const replyOf = (body: ReadableStream<Uint8Array>) =>
  new Response(body, { headers: { 'content-type': 'text/event-stream' } })

const lastIdOf = (init: RequestInit | undefined) =>
  new Headers(init?.headers).get('last-event-id') ?? undefined

/** A server that replays from any id, and whose wire is cut at the given byte of each connection. */
function brokenWire(events: readonly Sent[], cuts: readonly number[]) {
  let connections = 0
  const send = (async (_: unknown, init?: RequestInit) => {
    const from = events.findIndex(({ id }) => id === lastIdOf(init)) + 1
    const text = `: ping\n\n${events.slice(from).map(frame).join('event: heartbeat\nid: 9.9\ndata: {}\n\n')}`
    const bytes = encoder.encode(text)
    const cut = cuts[connections]
    connections += 1
    if (cut === undefined) return replyOf(streamOf([bytes]))
    const kept = bytes.slice(0, cut % (bytes.length + 1))
    const half = Math.floor(kept.length / 2)
    const end = cut % 2 === 0 ? 'close' : 'break'
    return replyOf(streamOf([kept.slice(0, half), kept.slice(half)], end))
  }) as typeof fetch
  return { send, connections: () => connections }
}

function problemOf(status: number, code: string, retry: Problem['retry']) {
  const body: Problem = {
    type: 'about:blank',
    title: 'no',
    status,
    detail: 'no',
    code,
    message_en: 'no',
    message_he: 'לא',
    recovery: [],
    recovery_en: [],
    recovery_he: [],
    errors: [],
    retry,
    correlation_id: 'abc',
    timestamp: '2026-11-21T10:00:00Z',
  }
  return Response.json(body, { status })
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('following a run', () => {
  it('gives every event once and in order, wherever the wire is cut [STR-4]', async () => {
    const text = fc.constantFrom('שלום ', '👩‍🚀', 'naïve ', '\n\n', 'data: ', '𝕏', 'ok\r\n', 'id: 3')
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 20 }),
        fc.array(fc.nat(900), { maxLength: 8 }),
        async (texts, cuts) => {
          const events = [...texts.map((each, index) => token(index, each)), done(texts.length)]
          const seen: StreamedEvent[] = []
          const wire = brokenWire(events, cuts)

          const options = { runId, onEvent: (event: StreamedEvent) => seen.push(event) }
          await followRun({ ...options, send: wire.send, pauseMs: () => 0 }, never())

          expect(seen).toEqual(events)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('asks by the fetch of the browser as browsers want it called [STR-1]', async () => {
    const { send } = brokenWire([token(1, 'a'), done(2)], [])
    vi.stubGlobal('fetch', function strict(this: unknown, ...call: Parameters<typeof fetch>) {
      if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation')
      return send(...call)
    })
    const seen: StreamedEvent[] = []
    await followRun({ runId, onEvent: (event) => seen.push(event), pauseMs: () => 0 }, never())
    expect(seen).toHaveLength(2)
  })

  it('goes on behind the id that it is given', async () => {
    const seen: StreamedEvent[] = []
    const { send } = brokenWire([token(0, 'a'), token(1, 'b'), done(2)], [])

    await followRun({ runId, after: '1.0', onEvent: (event) => seen.push(event), send }, never())

    expect(seen.map(({ id }) => id)).toEqual(['1.1', '1.2'])
  })

  it('leaves out what it does not know, and goes on', async () => {
    const seen: StreamedEvent[] = []
    const strange = { id: '1.1', event: { type: 'weather', text: 'rain' } }
    const { send } = brokenWire([token(0, 'a'), strange, done(2)], [])

    await followRun({ runId, onEvent: (event) => seen.push(event), send }, never())

    expect(seen.map(({ id }) => id)).toEqual(['1.0', '1.2'])
  })

  it('gives up when the server refuses for good, and says why', async () => {
    const send = vi.fn(async () => problemOf(401, 'session.expired', 'fix'))

    const following = followRun({ runId, onEvent: () => {}, send }, never())

    await expect(following).rejects.toThrow(ProblemError)
    expect(send).toHaveBeenCalledOnce()
  })

  it('comes back when the server is only busy', async () => {
    const { send: good } = brokenWire([done(0)], [])
    const send = vi.fn(good).mockResolvedValueOnce(problemOf(503, 'server.busy', 'later'))

    await followRun({ runId, onEvent: () => {}, send, pauseMs: () => 0 }, never())

    expect(send).toHaveBeenCalledTimes(2)
  })

  it('ends without a word when it is aborted, also in the middle of a pause', async () => {
    const stop = new AbortController()
    const send = vi.fn(async () => {
      throw new TypeError('no network')
    })
    const pauseMs = () => {
      queueMicrotask(() => stop.abort())
      return 60_000
    }

    await followRun({ runId, onEvent: () => {}, send, pauseMs }, stop.signal)

    expect(send).toHaveBeenCalledOnce()
  })

  it('opens a new connection when nothing was heard for 35 seconds', async () => {
    vi.useFakeTimers()
    const { send: good } = brokenWire([done(0)], [])
    const send = vi.fn(good).mockImplementationOnce(async (_, init) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')))
          controller.enqueue(heartbeat)
        },
      })
      return replyOf(body)
    })
    const following = followRun({ runId, onEvent: () => {}, send, pauseMs: () => 0 }, never())

    await vi.advanceTimersByTimeAsync(34_000)
    expect(send).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(2_000)
    await following

    expect(send).toHaveBeenCalledTimes(2)
  })

  it('stays with a quiet connection for as long as heartbeats come', async () => {
    vi.useFakeTimers()
    const stop = new AbortController()
    const opened = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>()
    const send = vi.fn(async (_: unknown, init?: RequestInit) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')))
          controller.enqueue(heartbeat)
          opened.resolve(controller)
        },
      })
      return replyOf(body)
    })
    const options = { runId, onEvent: () => {}, send: send as typeof fetch, pauseMs: () => 0 }
    const following = followRun(options, stop.signal)
    const line = await opened.promise

    for (let beat = 0; beat < 8; beat += 1) {
      await vi.advanceTimersByTimeAsync(15_000)
      line.enqueue(heartbeat)
    }
    expect(send).toHaveBeenCalledOnce()

    stop.abort()
    await following
  })

  it('speaks of reconnecting only after two seconds, and of being back', async () => {
    vi.useFakeTimers()
    const links: StreamLink[] = []
    const { send: good } = brokenWire([done(0)], [])
    const send = vi.fn(good).mockRejectedValueOnce(new TypeError('no network'))
    const pauseMs = () => 5_000
    const following = followRun(
      { runId, onEvent: () => {}, onLink: (link) => links.push(link), send, pauseMs },
      never(),
    )

    await vi.advanceTimersByTimeAsync(1_900)
    expect(links).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(links).toEqual(['reconnecting'])
    await vi.advanceTimersByTimeAsync(3_000)
    await following

    expect(links).toEqual(['reconnecting', 'live'])
  })
})

/** A server behind something that lets only some ways through; each counts how often it was tried. */
function narrowWire(events: readonly Sent[], passes: readonly ('stream' | 'socket' | 'poll')[]) {
  const { send: stream } = brokenWire(events, [])
  const tried: string[] = []
  const afterOf = (id: string | null | undefined) => events.findIndex((one) => one.id === id) + 1
  const send = (async (input: string, init?: RequestInit) => {
    if (input.endsWith('/events')) {
      tried.push('stream')
      // What holds a stream back answers well, and then says nothing.
      return passes.includes('stream') ? stream(input, init) : replyOf(streamOf([]))
    }
    if (input.endsWith('/tickets'))
      return Response.json({ ticket: 'once', expiresAt: '2026-11-22T10:00:00Z' }, { status: 201 })
    tried.push('poll')
    if (!passes.includes('poll')) throw new TypeError('no network')
    const from = afterOf(new URL(input, 'http://x').searchParams.get('after'))
    const lot = events.slice(from, from + 2)
    return Response.json({ events: lot, isOver: lot.at(-1)?.event.type === 'done' })
  }) as typeof fetch
  const openSocket = (_: string, protocols: string[]) => {
    tried.push('socket')
    const socket = Object.assign(new EventTarget(), {
      close() {},
      send(text: string) {
        const { after } = JSON.parse(text) as { after?: string }
        const said = { type: 'events', runId, events: events.slice(afterOf(after)) }
        socket.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(said) }))
      },
    })
    const isOpen = passes.includes('socket') && protocols.includes('ticket.once')
    queueMicrotask(() => socket.dispatchEvent(new Event(isOpen ? 'open' : 'close')))
    return socket as unknown as WebSocket
  }
  return { send, openSocket, tried }
}

describe('a line on which not everything passes', () => {
  const events = [token(0, 'שלום '), token(1, '👩‍🚀'), token(2, 'x'), done(3)]

  it.each([
    { passes: ['stream', 'socket', 'poll'] as const, last: 'stream' },
    { passes: ['socket', 'poll'] as const, last: 'socket' },
    { passes: ['poll'] as const, last: 'poll' },
  ])('is followed by what passes: $passes [STR-5]', async ({ passes, last }) => {
    const seen: StreamedEvent[] = []
    const wire = narrowWire(events, passes)
    const options = { runId, onEvent: (event: StreamedEvent) => seen.push(event), ...wire }
    await followRun({ ...options, pauseMs: () => 0 }, never())
    expect(seen).toEqual(events)
    expect(wire.tried.at(-1)).toBe(last)
    // The next one begins with what worked.
    const again = narrowWire(events, passes)
    await followRun({ ...options, ...again, pauseMs: () => 0 }, never())
    expect(new Set(again.tried)).toEqual(new Set([last]))
  })

  it('goes round and comes back to streams, where nothing passed for a while [STR-5]', async () => {
    const passes: ('stream' | 'socket' | 'poll')[] = []
    const wire = narrowWire(events, passes)
    const seen: StreamedEvent[] = []
    const pauseMs = (failures: number) => {
      if (failures === 8) passes.push('stream')
      return 0
    }
    await followRun({ runId, onEvent: (event) => seen.push(event), ...wire, pauseMs }, never())
    expect(seen).toEqual(events)
    expect(new Set(wire.tried)).toEqual(new Set(['stream', 'socket', 'poll']))
  })
})
