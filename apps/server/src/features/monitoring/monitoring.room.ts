import { type MonitoringMessage, seriesColumns } from '@studioops/contracts/monitoring'
import type { WebSocket } from 'ws'
import type { Telemetry } from '../../platform/telemetry/telemetry.ts'
import type { MonitoringService } from './monitoring.service.ts'

type Dependencies = {
  readonly telemetry: Pick<Telemetry, 'events' | 'series' | 'bootId' | 'metrics' | 'gauge'>
  readonly monitoring: Pick<MonitoringService, 'snapshot' | 'status' | 'heartbeats' | 'errorGroups'>
  readonly batchMs?: number
  readonly pingMs?: number
}

/** What a client that was here before has seen. */
export type Seen = {
  readonly bootId: string | undefined
  readonly cursor: number | undefined
  /** Beginning of its newest point, seconds since 1970. */
  readonly at: number | undefined
}

type Visitor = {
  readonly socket: WebSocket
  /** Pings that were not answered. */
  missed: number
  /** Gets nothing until it has taken what it was sent, then the whole anew. */
  isBehind: boolean
}

const usualBatchMs = 250
const usualPingMs = 20_000
const eventsAtOnce = 500
const behindBytes = 1_000_000
const aheadBytes = 64_000
/** Close codes of ours, beside those of RFC 6455. */
const leavingMs = 300

/**
 * Everybody who looks at the room gets the same batches: what is sent is written down once, however
 * many there are, and who cannot follow is left behind without slowing the others.
 */
export function createMonitoringRoom({ telemetry, monitoring, ...times }: Dependencies) {
  const { batchMs = usualBatchMs, pingMs = usualPingMs } = times
  const { events, series, bootId, metrics } = telemetry
  const visitors = new Set<Visitor>()
  let cursor = events.cursor()
  let pointAt = 0
  let told = { status: '', heartbeats: '', errorGroups: '' }
  let batching: NodeJS.Timeout | undefined
  let pinging: NodeJS.Timeout | undefined
  telemetry.gauge('sockets', () => visitors.size)

  function changed<T>(name: keyof typeof told, value: T): T | undefined {
    const text = JSON.stringify(value)
    if (told[name] === text) return undefined
    told = { ...told, [name]: text }
    return value
  }

  /** @returns undefined where nothing happened */
  function nextBatch(): MonitoringMessage | undefined {
    const next = events.cursor()
    const found = events.after(cursor, eventsAtOnce)
    const skipped = next - cursor - found.length
    cursor = next
    const points = series.points(1, pointAt)
    pointAt = points.at(-1)?.at ?? pointAt
    // Looks are many and cheap; a second is soon enough for everybody.
    if (found.length === 0 && points.length === 0) return undefined
    const states = points.length > 0 ? changedStates() : {}
    return { type: 'delta', cursor, events: found, skipped, series: points, ...states }
  }

  function changedStates() {
    const status = changed('status', monitoring.status())
    const heartbeats = changed('heartbeats', monitoring.heartbeats())
    const errorGroups = changed('errorGroups', monitoring.errorGroups())
    return {
      ...(status && { status }),
      ...(heartbeats && { heartbeats }),
      ...(errorGroups && { errorGroups }),
    }
  }

  function tellAll(): void {
    if (visitors.size === 0) return
    const batch = nextBatch()
    const text = batch === undefined ? undefined : Buffer.from(JSON.stringify(batch))
    for (const visitor of visitors) tell(visitor, text)
  }

  function tell(visitor: Visitor, text: Buffer | undefined): void {
    const { socket } = visitor
    if (visitor.isBehind) {
      if (socket.bufferedAmount > aheadBytes) return
      visitor.isBehind = false
      say(socket, { type: 'snapshot', cursor, ...monitoring.snapshot() })
      return
    }
    if (text === undefined) return
    if (socket.bufferedAmount > behindBytes) visitor.isBehind = true
    else socket.send(text, { binary: false })
  }

  function ping(): void {
    for (const visitor of visitors) {
      visitor.missed += 1
      if (visitor.missed > 2) visitor.socket.terminate()
      else visitor.socket.ping()
    }
  }

  function welcome(socket: WebSocket, seen: Seen): void {
    const isReplayed =
      seen.bootId === bootId && seen.cursor !== undefined && events.reaches(seen.cursor)
    say(socket, { type: 'hello', bootId, cursor, serverTime: Date.now(), pingMs, isReplayed })
    if (!isReplayed) {
      say(socket, { type: 'snapshot', cursor, ...monitoring.snapshot() })
      return
    }
    say(socket, {
      type: 'delta',
      cursor,
      events: events.after(seen.cursor ?? cursor),
      skipped: 0,
      series: series.points(1, seen.at ?? pointAt),
      status: monitoring.status(),
      heartbeats: monitoring.heartbeats(),
      errorGroups: monitoring.errorGroups(),
    })
  }

  function begin(): void {
    if (batching !== undefined) return
    cursor = events.cursor()
    pointAt = series.points(1).at(-1)?.at ?? 0
    batching = setInterval(tellAll, batchMs).unref()
    pinging = setInterval(ping, pingMs).unref()
  }

  function rest(): void {
    if (visitors.size > 0) return
    clearInterval(batching)
    clearInterval(pinging)
    batching = undefined
  }

  return {
    columns: seriesColumns,
    visitors: () => visitors.size,

    /** @param seen what the client says that it has; what it missed follows if it is still there */
    enter(socket: WebSocket, seen: Seen): void {
      begin()
      // Those who are here already are told what was before this one came: then all stand at one cursor.
      tellAll()
      const visitor: Visitor = { socket, missed: 0, isBehind: false }
      welcome(socket, seen)
      visitors.add(visitor)
      metrics.sockets('monitoring').set(visitors.size)
      socket.on('pong', () => (visitor.missed = 0))
      socket.on('error', () => socket.terminate())
      socket.once('close', () => {
        visitors.delete(visitor)
        metrics.sockets('monitoring').set(visitors.size)
        rest()
      })
    },

    [Symbol.dispose](): void {
      clearInterval(batching)
      clearInterval(pinging)
      for (const { socket } of visitors) {
        socket.close(1012, 'server stops')
        setTimeout(() => socket.terminate(), leavingMs).unref()
      }
    },
  }
}

export type MonitoringRoom = ReturnType<typeof createMonitoringRoom>

function say(socket: WebSocket, message: MonitoringMessage): void {
  socket.send(JSON.stringify(message))
}
