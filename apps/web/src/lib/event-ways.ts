import { problem } from '@studioops/contracts/problem'
import {
  createSocketTicket,
  pollRun,
  runEvent,
  runEventsPath,
  socketPath,
  socketProtocol,
  socketReply,
  type StreamedEvent,
  ticketPrefix,
} from '@studioops/contracts/runs'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { csrfToken } from './csrf-token.ts'
import { ProblemError } from './problem.ts'

/** One connection, from where the reader stands. */
export type Visit = {
  readonly runId: string
  /** Id of the last event that is known. */
  readonly after: () => string | undefined
  readonly isDone: () => boolean
  /** Something came, whatever it says: the line lets things through. */
  readonly alive: () => void
  readonly hear: (streamed: StreamedEvent) => void
  readonly send: typeof fetch
  readonly openSocket: (url: string, protocols: string[]) => WebSocket
  readonly signal: AbortSignal
}

/** How events come. */
export type Way = {
  /** How long the first word of a connection that works may take, in milliseconds. */
  readonly firstWordMs: number
  /**
   * One connection, to its end.
   *
   * @returns whether the server ended it, rather than the wire
   * @throws ProblemError when the server refuses for good; anything else for what may pass
   */
  readonly visit: (visit: Visit) => Promise<boolean>
}

/** The first that lets things through is taken (STR-5). */
export const ways: readonly Way[] = [
  { firstWordMs: 5_000, visit: visitStream },
  { firstWordMs: 5_000, visit: visitSocket },
  // The server answers after 20 seconds where nothing comes.
  { firstWordMs: 30_000, visit: visitByPolling },
]

async function visitStream(visit: Visit): Promise<boolean> {
  const after = visit.after()
  const reply = await visit.send(runEventsPath(visit.runId), {
    headers: {
      accept: 'text/event-stream',
      ...(after === undefined ? {} : { 'last-event-id': after }),
    },
    cache: 'no-store',
    signal: visit.signal,
  })
  if (!reply.ok) return refuse(reply)
  const reader = reply.body?.getReader()
  if (reader === undefined) return false
  // One of each per connection: half a character of a broken one must not leak into the next.
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent(message) {
      const streamed = readEvent(message)
      if (streamed !== undefined) visit.hear(streamed)
    },
  })
  try {
    while (!visit.isDone()) {
      const { done, value } = await reader.read()
      if (done) return true
      visit.alive()
      parser.feed(decoder.decode(value, { stream: true }))
    }
    return true
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** Heartbeats, and events of a newer server that this page does not know, say nothing to it. */
function readEvent({ id, event, data }: EventSourceMessage): StreamedEvent | undefined {
  if (id === undefined) return undefined
  try {
    const parsed = runEvent.safeParse({ type: event, ...(JSON.parse(data) as object) })
    return parsed.success ? { id, event: parsed.data } : undefined
  } catch {
    return undefined
  }
}

/** @throws ProblemError where trying again is useless */
async function refuse(reply: Response): Promise<false> {
  const parsed = problem.safeParse(await reply.json().catch(() => undefined))
  if (parsed.success && parsed.data.retry !== 'later') throw new ProblemError(parsed.data)
  return false
}

async function visitSocket(visit: Visit): Promise<boolean> {
  const token = csrfToken(document.cookie)
  const reply = await visit.send(`/api${createSocketTicket.path}`, {
    method: 'POST',
    headers: token === undefined ? {} : { 'x-csrf-token': token },
    signal: visit.signal,
  })
  const made = createSocketTicket.reply.safeParse(await reply.json())
  // Another way says what is wrong, if it is wrong there too.
  if (!made.success) return false
  const url = new URL(socketPath, document.baseURI)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const protocols = [socketProtocol, `${ticketPrefix}${made.data.ticket}`]
  return talk(visit.openSocket(url.href, protocols), visit)
}

function talk(socket: WebSocket, visit: Visit): Promise<boolean> {
  const { runId, signal } = visit
  const { promise: ended, resolve: end } = Promise.withResolvers<boolean>()
  const abort = () => end(false)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  let refusal: ProblemError | undefined
  socket.addEventListener('open', () =>
    socket.send(JSON.stringify({ type: 'subscribe', runId, after: visit.after() })),
  )
  socket.addEventListener('message', ({ data }) => {
    const said = readReply(data)
    if (said === undefined) return
    visit.alive()
    if (said.type === 'events') said.events.forEach(visit.hear)
    if (said.type === 'refused' && said.problem.retry !== 'later')
      refusal = new ProblemError(said.problem)
    if (visit.isDone() || said.type === 'over' || said.type === 'refused') end(true)
  })
  socket.addEventListener('close', () => end(false))
  socket.addEventListener('error', () => end(false))
  return ended
    .finally(() => {
      signal.removeEventListener('abort', abort)
      socket.close()
    })
    .then((wasWhole) => {
      if (refusal !== undefined) throw refusal
      return wasWhole
    })
}

function readReply(data: unknown) {
  try {
    return socketReply.safeParse(JSON.parse(String(data))).data
  } catch {
    return undefined
  }
}

/** Asks again at once for as long as something comes; what goes wrong ends the visit. */
async function visitByPolling(visit: Visit): Promise<boolean> {
  for (;;) {
    const after = visit.after()
    const path = pollRun.path.replace(':runId', visit.runId)
    const search = after === undefined ? '' : `?${new URLSearchParams({ after }).toString()}`
    const reply = await visit.send(`/api${path}${search}`, {
      headers: { accept: 'application/json' },
      cache: 'no-store',
      signal: visit.signal,
    })
    if (!reply.ok) return refuse(reply)
    const lot = pollRun.reply.parse(await reply.json())
    visit.alive()
    lot.events.forEach(visit.hear)
    if (lot.isOver || visit.isDone()) return true
  }
}
