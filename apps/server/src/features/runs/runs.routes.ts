import {
  answerRun,
  createSocketTicket,
  pollRun,
  socketPath,
  stopRun,
} from '@studioops/contracts/runs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.ts'
import { beginEventStream, type EventStream } from '../../platform/http/begin-event-stream.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { Sockets } from '../../platform/http/sockets.ts'
import { type RunEventLog, seqOf } from './runs.log.ts'
import type { RunService } from './runs.service.ts'
import type { RunSockets } from './runs.sockets.ts'
import type { StoredEvent } from './runs.store.ts'
import type { SocketTickets } from './runs.tickets.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly runs: RunService
  readonly events: RunEventLog
  readonly sockets: Sockets
  readonly tickets: SocketTickets
  readonly runSockets: RunSockets
  /** @throws AppError `request.forged` for a page that is none of ours */
  readonly requireOwnOrigin: (request: FastifyRequest) => void
}

export function registerRunRoutes(dependencies: Dependencies): void {
  const { router, http, authenticator, runs, events } = dependencies
  serveSockets(dependencies)

  router.serve(stopRun, async ({ params, principal }) => ({
    run: await runs.stop(principal.userId, params.runId),
  }))

  router.serve(answerRun, async ({ params, body, principal }) => ({
    run: await runs.answer(principal.userId, { ...params, ...body }),
  }))

  router.serve(pollRun, async ({ params, query, principal, request }) => {
    const leave = new AbortController()
    request.raw.once('close', () => leave.abort())
    const unwatch = authenticator.whenEnded(principal, () => leave.abort())
    const late = setTimeout(() => leave.abort(), pollMs)
    try {
      return await nextLot(events, {
        leave,
        userId: principal.userId,
        runId: params.runId,
        after: seqOf(query.after),
      })
    } finally {
      clearTimeout(late)
      unwatch()
    }
  })

  http.get('/api/runs/:runId/events', async (request, reply) => {
    const principal = await admit({ method: 'GET', access: 'member' }, { request, authenticator })
    if (principal === undefined) throw new AppError('session.required')
    const { data: runId } = z.uuid().safeParse((request.params as { runId?: unknown }).runId)
    if (runId === undefined) throw new AppError('run.not-found')
    const leave = new AbortController()
    const unwatch = authenticator.whenEnded(principal, () => leave.abort())
    const stream = createEventStream(reply, leave)
    try {
      const place = { userId: principal.userId, runId, after: lastSeen(request) }
      if (!(await events.follow({ ...place, ...stream }))) throw new AppError('run.not-found')
    } finally {
      unwatch()
      stream.end()
    }
  })
}

function serveSockets({ router, http, authenticator, ...own }: Dependencies): void {
  const { sockets, tickets, runSockets, requireOwnOrigin } = own

  router.serve(createSocketTicket, ({ principal }) => tickets.make(principal))

  http.get(socketPath, async (request, reply) => {
    if (!sockets.isWaiting(request)) {
      if (request.headers.accept?.includes('text/html') === true) return reply.callNotFound()
      await admit({ method: 'GET', access: 'member' }, { request, authenticator })
      throw new AppError('socket.upgrade-needed')
    }
    requireOwnOrigin(request)
    const principal = await tickets.take(request)
    request.work.userId = principal.userId
    runSockets.requireRoom(principal)
    runSockets.serve(await sockets.accept(request, reply), { request, principal })
    return reply
  })
}

type Lot = {
  readonly leave: AbortController
  readonly userId: string
  readonly runId: string
  readonly after: number
}

/** @throws AppError `run.not-found` */
async function nextLot(events: RunEventLog, { leave, ...place }: Lot) {
  const lot: { id: string; event: StoredEvent['event'] }[] = []
  const { signal } = leave
  const isThere = await events.follow({
    ...place,
    signal,
    hear(batch) {
      lot.push(...batch.map(({ epoch, seq, event }) => ({ id: `${epoch}.${seq}`, event })))
      leave.abort()
      return undefined
    },
  })
  if (!isThere) throw new AppError('run.not-found')
  return { events: lot, isOver: lot.at(-1)?.event.type === 'done' || !signal.aborted }
}

/** The `seq` that a client has seen, from `Last-Event-ID` or, where it cannot send one, `?after=`. */
function lastSeen(request: FastifyRequest): number {
  const { after } = request.query as { after?: unknown }
  return seqOf(request.headers['last-event-id'] ?? after)
}

/** Shorter than the patience of proxies and of our own handlers. */
const pollMs = 20_000
const heartbeatMs = 15_000

/** Writes events as `text/event-stream` to a reader, until it leaves or has to. */
function createEventStream(reply: FastifyReply, leave: AbortController) {
  const { signal } = leave
  let lastId = ''
  let heartbeat: NodeJS.Timeout | undefined
  let stream: EventStream | undefined
  reply.raw.once('close', () => leave.abort())

  function beat(): void {
    if (stream?.hasRoom() === true)
      stream.write(`event: heartbeat\ndata: ${JSON.stringify({ lastId })}\n\n`)
  }

  return {
    signal,
    begin(): void {
      stream = beginEventStream(reply)
      heartbeat = setInterval(beat, heartbeatMs)
      // A line that holds back what it gets is found out by what does not come.
      beat()
    },
    hear(events: readonly StoredEvent[]): Promise<void> | undefined {
      const [first, ...others] = events
      if (first === undefined || stream === undefined) return undefined
      const last = others.at(-1) ?? first
      lastId = `${last.epoch}.${last.seq}`
      const hasRoom = stream.write(
        others.reduce((text, event) => text + frameOf(event), frameOf(first)),
      )
      // A slow reader never makes us keep more than one frame for it.
      return hasRoom ? undefined : stream.room(signal)
    },
    end(): void {
      clearInterval(heartbeat)
      stream?.end()
    },
  }
}

function frameOf({ epoch, seq, event, json }: StoredEvent): string {
  return `id: ${epoch}.${seq}\nevent: ${event.type}\ndata: ${json ?? JSON.stringify(event)}\n\n`
}
