import { limits } from '@studioops/contracts/limits'
import { type SocketReply, type SocketRequest, socketRequest } from '@studioops/contracts/runs'
import type { RawData, WebSocket } from 'ws'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { asAppError, toProblem } from '../../platform/errors/problem.ts'
import { fieldErrors } from '../../platform/http/field-errors.ts'
import type { Authenticator, HttpRequest, Principal } from '../../platform/http/principal.ts'
import type { RateLimit } from '../../platform/http/rate-limit.ts'
import { languageOf } from '../../platform/http/server.ts'
import { type Log, runInContext } from '../../platform/log/log.ts'
import { seqOf, type RunEventLog } from './runs.log.ts'
import type { RunService } from './runs.service.ts'
import * as store from './runs.store.ts'

export type RunSockets = ReturnType<typeof createRunSockets>

type Dependencies = {
  readonly database: Database
  readonly events: RunEventLog
  readonly runs: Pick<RunService, 'stop' | 'answer' | 'show'>
  readonly authenticator: Pick<Authenticator, 'whenEnded'>
  readonly limit: RateLimit
  readonly log: Log
  readonly heartbeatMs?: number
}

type Visit = { readonly request: HttpRequest; readonly principal: Principal }

/** Of what was written and not taken; with more than that a reader is slow, and gets one frame at a time. */
const roomBytes = 65_536
const eventsAtOnce = 100
/** How long a client may take to say goodbye. */
const goodbyeMs = 300

/** Close codes of ours, beside those of RFC 6455. */
const sessionEnded = 4401
const policy = 1008

/** Runs over WebSockets (STR-1): the events of several runs, and requests about them, on one line. */
export function createRunSockets(dependencies: Dependencies) {
  const { log, authenticator, heartbeatMs = 15_000 } = dependencies
  const open = new Map<string, number>()

  return {
    /** @throws AppError `socket.too-many` */
    requireRoom({ userId }: Principal): void {
      if ((open.get(userId) ?? 0) >= limits.socketsMax)
        throw new AppError('socket.too-many', { facts: { limit: limits.socketsMax } })
    },

    serve(socket: WebSocket, visit: Visit): void {
      const { userId } = visit.principal
      open.set(userId, (open.get(userId) ?? 0) + 1)
      const line = createLine(socket, heartbeatMs)
      const talk = createTalk(line, visit, dependencies)
      const leave = (code: number, reason: string) => {
        talk.end()
        socket.close(code, reason)
        setTimeout(() => socket.terminate(), goodbyeMs).unref()
      }
      const unwatch = authenticator.whenEnded(visit.principal, () =>
        leave(sessionEnded, 'session ended'),
      )
      socket.on('message', (data, isBinary) => {
        runInContext(visit.request.work, () => {
          talk.hear(data, isBinary).catch((error: unknown) => {
            if (error instanceof AppError && error.code === 'request.too-many')
              leave(policy, 'too many messages')
            else log.warn({ err: error }, 'message of a socket not answered')
          })
        })
      })
      // What breaks the protocol, or is too long, ends the socket by itself.
      socket.on('error', (error) => log.info({ err: error }, 'socket broke'))
      socket.once('close', () => {
        unwatch()
        talk.end()
        line.end()
        const left = (open.get(userId) ?? 1) - 1
        if (left === 0) open.delete(userId)
        else open.set(userId, left)
      })
    },
  }
}

/** The way to one client: what is said, and whether it still listens. */
function createLine(socket: WebSocket, heartbeatMs: number) {
  let isAlive = true
  socket.on('pong', () => (isAlive = true))

  function say(reply: SocketReply): Promise<void> | undefined {
    if (socket.readyState !== socket.OPEN) return undefined
    const text = JSON.stringify(reply)
    if (socket.bufferedAmount > roomBytes)
      return new Promise((resolve) => socket.send(text, () => resolve()))
    socket.send(text)
    return undefined
  }

  function beat(): void {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
    // Pages hear no pings.
    if (socket.bufferedAmount === 0) void say({ type: 'heartbeat' })
  }

  const heartbeat = setInterval(beat, heartbeatMs)
  void say({ type: 'heartbeat' })
  return { say, end: () => clearInterval(heartbeat) }
}

type Line = Pick<ReturnType<typeof createLine>, 'say'>

/** What a client asks, and what it follows. */
function createTalk({ say }: Line, { request, principal }: Visit, dependencies: Dependencies) {
  const { database, events, runs, limit } = dependencies
  const { userId } = principal
  const following = new Map<string, AbortController>()
  let isOver = false

  async function requireMember(): Promise<void> {
    const role = await database.readAsUser(userId, store.findOwnRole)
    if (role === undefined) throw new AppError('session.required')
    if (role === 'viewer') throw new AppError('session.read-only')
  }

  function unsubscribe(runId: string): void {
    following.get(runId)?.abort()
    following.delete(runId)
  }

  async function subscribe(runId: string, after: string | undefined): Promise<void> {
    unsubscribe(runId)
    if (following.size >= limits.socketRunsMax)
      throw new AppError('socket.too-many', { facts: { limit: limits.socketRunsMax } })
    const leaving = new AbortController()
    following.set(runId, leaving)
    const { signal } = leaving
    const hear = (batch: readonly store.StoredEvent[]) => sayEvents(runId, batch)
    try {
      const isThere = await events.follow({ userId, runId, after: seqOf(after), signal, hear })
      if (signal.aborted) return
      if (!isThere) throw new AppError('run.not-found')
      void say({ type: 'over', runId })
    } finally {
      if (following.get(runId) === leaving) following.delete(runId)
    }
  }

  function sayEvents(runId: string, batch: readonly store.StoredEvent[]) {
    let ready: Promise<void> | undefined
    for (let from = 0; from < batch.length; from += eventsAtOnce) {
      const lot = batch.slice(from, from + eventsAtOnce)
      const told = lot.map(({ epoch, seq, event }) => ({ id: `${epoch}.${seq}`, event }))
      ready = say({ type: 'events', runId, events: told })
    }
    return ready
  }

  async function act(asked: SocketRequest): Promise<void> {
    const { runId, ask } = asked
    switch (asked.type) {
      case 'subscribe':
        return subscribe(runId, asked.after)
      case 'unsubscribe':
        return unsubscribe(runId)
      case 'stop':
        await requireMember()
        void say({ type: 'run', run: await runs.stop(userId, runId), ask })
        return
      case 'answer':
        await requireMember()
        void say({ type: 'run', run: await runs.answer(userId, asked), ask })
    }
  }

  function refuse(thrown: unknown, about: { runId?: string; ask?: string | undefined }): void {
    const error = asAppError(thrown)
    if (error.code === 'internal') dependencies.log.error({ err: thrown }, 'socket request failed')
    const circumstances = { correlationId: request.id, language: languageOf(request) }
    void say({ type: 'refused', ...about, problem: toProblem(error, circumstances) })
  }

  return {
    /** @throws AppError `request.too-many` */
    async hear(data: RawData, isBinary: boolean): Promise<void> {
      if (isOver) return
      limit.take(request, userId)
      const parsed = isBinary ? undefined : parse(data)
      if (parsed === undefined) return refuse(new AppError('request.unreadable'), {})
      const asked = socketRequest.safeParse(parsed)
      if (!asked.success) {
        const fields = fieldErrors(asked.error.issues)
        return refuse(new AppError('request.invalid', { fields }), {})
      }
      const { runId, ask } = asked.data
      await act(asked.data).catch((error: unknown) => refuse(error, { runId, ask }))
    },
    end(): void {
      isOver = true
      for (const runId of following.keys()) unsubscribe(runId)
    },
  }
}

function parse(data: RawData): unknown {
  try {
    // Without other settings a message comes in one piece.
    return JSON.parse((data as Buffer).toString('utf8'))
  } catch {
    return undefined
  }
}
