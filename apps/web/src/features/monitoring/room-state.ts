import type {
  MonitoringEvent,
  MonitoringMessage,
  SeriesPoint,
} from '@studioops/contracts/monitoring'
import type { MonitoringSnapshot } from '@studioops/contracts/monitoring'

/** What the page knows of the room. */
export type Room = MonitoringSnapshot & {
  readonly bootId: string
  readonly cursor: number
  /** Events that were too many to be sent. */
  readonly skipped: number
}

const eventsMax = 2_000
const pointsMax = 900

/** What a message makes of what is known; undefined until the first snapshot. */
export function afterMessage(
  room: Room | undefined,
  message: MonitoringMessage,
  bootId: string,
): Room | undefined {
  switch (message.type) {
    case 'hello':
      return room
    case 'snapshot': {
      const { type: _, ...snapshot } = message
      return { ...snapshot, bootId, skipped: 0 }
    }
    case 'delta':
      return room && afterDelta(room, message)
  }
}

type Delta = Extract<MonitoringMessage, { type: 'delta' }>

function afterDelta(room: Room, delta: Delta): Room {
  const { cursor, events, skipped, series, status, heartbeats, errorGroups } = delta
  return {
    ...room,
    cursor,
    skipped: room.skipped + skipped,
    // A point or an event that came twice, as after a break, counts once.
    events: [...room.events, ...events.filter((one) => one.cursor > room.cursor)].slice(-eventsMax),
    series: withPoints(room.series, series),
    status: status ?? room.status,
    heartbeats: heartbeats ?? room.heartbeats,
    errorGroups: errorGroups ?? room.errorGroups,
  }
}

function withPoints(known: readonly SeriesPoint[], more: readonly SeriesPoint[]): SeriesPoint[] {
  const last = known.at(-1)?.at ?? 0
  return [...known, ...more.filter(({ at }) => at > last)].slice(-pointsMax)
}

/** Live ones and stored ones, each once, the newest first. */
export function newestFirst(
  live: readonly MonitoringEvent[],
  stored: readonly MonitoringEvent[],
): readonly MonitoringEvent[] {
  const keys = new Set<string>()
  const found: MonitoringEvent[] = []
  for (const event of [...live, ...stored].toSorted((one, other) => other.at - one.at)) {
    const key = eventKey(event)
    if (keys.has(key)) continue
    keys.add(key)
    found.push(event)
  }
  return found
}

/** The same for an event as it came and as it was stored. */
export function eventKey({ node, at, type, name, operation, requestId }: MonitoringEvent): string {
  return `${node} ${at} ${type} ${name} ${operation} ${requestId ?? ''}`
}
