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
    await runs.show(principal.userId, runId)
    const after = lastSeen(request)
    const leave = new AbortController()
    const unwatch = authenticator.whenEnded(principal, () => leave.abort())
    try {
      await streamEvents(reply, leave, (signal) =>
        events.follow({ userId: principal.userId, runId, after, signal }),
      )
    } finally {
      unwatch()
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

/** Writes events as `text/event-stream` until they end, or the reader leaves or has to. */
async function streamEvents(
  reply: FastifyReply,
  gone: AbortController,
  open: (signal: AbortSignal) => AsyncGenerator<readonly StoredEvent[]>,
): Promise<void> {
  reply.hijack()
  const { raw } = reply
  raw.on('close', () => gone.abort())
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

  let lastId = ''
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain)
      raw.write(`event: heartbeat\ndata: ${JSON.stringify({ lastId })}\n\n`)
  }, heartbeatMs)
  try {
    for await (const events of open(gone.signal)) {
      lastId = events.map(({ epoch, seq }) => `${epoch}.${seq}`).at(-1) ?? lastId
      const hasRoom = raw.write(events.map(frameOf).join(''))
      // A slow reader never makes us keep more than one frame for it.
      if (!hasRoom) await roomFor(raw, gone.signal)
    }
  } finally {
    clearInterval(heartbeat)
    raw.end()
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
