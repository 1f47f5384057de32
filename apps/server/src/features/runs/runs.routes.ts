import type { ServerResponse } from 'node:http'
import { answerRun, stopRun } from '@studioops/contracts/runs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { RunEventLog } from './runs.log.ts'
import type { RunService } from './runs.service.ts'
import type { StoredEvent } from './runs.store.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly runs: RunService
  readonly events: RunEventLog
}

export function registerRunRoutes({
  router,
  http,
  authenticator,
  runs,
  events,
}: Dependencies): void {
  router.serve(stopRun, async ({ params, principal }) => ({
    run: await runs.stop(principal.userId, params.runId),
  }))

  router.serve(answerRun, async ({ params, body, principal }) => ({
    run: await runs.answer(principal.userId, { ...params, ...body }),
  }))

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

/** The `seq` that a client has seen, from `Last-Event-ID` or, for polling clients, `?after=`. */
function lastSeen(request: FastifyRequest): number {
  const { after } = request.query as { after?: unknown }
  const given = request.headers['last-event-id'] ?? after
  const seq = typeof given === 'string' ? /^\d+\.(\d{1,9})$/.exec(given)?.[1] : undefined
  return seq === undefined ? -1 : Number(seq)
}

const heartbeatMs = 15_000

/** Writes events as `text/event-stream` to a reader, until it leaves or has to. */
function createEventStream(reply: FastifyReply, leave: AbortController) {
  const { raw } = reply
  const { signal } = leave
  let lastId = ''
  let heartbeat: NodeJS.Timeout | undefined
  raw.once('close', () => leave.abort())

  function beat(): void {
    if (!raw.writableNeedDrain)
      raw.write(`event: heartbeat\ndata: ${JSON.stringify({ lastId })}\n\n`)
  }

  return {
    signal,
    begin(): void {
      reply.hijack()
      // The server's inactivity limit is for requests; a stream may be quiet for as long as it likes.
      raw.socket?.setTimeout(0)
      raw.socket?.setNoDelay(true)
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-request-id': String(reply.getHeader('x-request-id') ?? ''),
      })
      raw.flushHeaders()
      heartbeat = setInterval(beat, heartbeatMs)
    },
    hear(events: readonly StoredEvent[]): Promise<void> | undefined {
      const [first, ...others] = events
      if (first === undefined) return undefined
      const last = others.at(-1) ?? first
      lastId = `${last.epoch}.${last.seq}`
      const hasRoom = raw.write(frameOf(first) + others.map(frameOf).join(''))
      // A slow reader never makes us keep more than one frame for it.
      return hasRoom ? undefined : roomFor(raw, signal)
    },
    end(): void {
      if (heartbeat === undefined) return
      clearInterval(heartbeat)
      raw.end()
    },
  }
}

/** Resolves when the reader has taken what was written, or does not matter any more. */
function roomFor(raw: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      raw.off('drain', go).off('close', go)
      gone.removeEventListener('abort', go)
      resolve()
    }
    raw.once('drain', go).once('close', go)
    gone.addEventListener('abort', go)
    if (gone.aborted) go()
  })
}

function frameOf({ epoch, seq, event }: StoredEvent): string {
  return `id: ${epoch}.${seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
