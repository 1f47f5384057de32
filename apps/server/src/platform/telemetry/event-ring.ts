import type { MonitoringEvent } from '@studioops/contracts/monitoring'

export type NewEvent = Omit<MonitoringEvent, 'cursor'>

/** The newest events of this process; the oldest makes room for the newest. */
export function createEventRing(capacity: number) {
  const slots = Array.from<MonitoringEvent | undefined>({ length: capacity })
  let written = 0

  return {
    /** Cursor of the newest; 0 where there is none. */
    cursor: () => written,

    write(event: NewEvent): MonitoringEvent {
      written += 1
      const kept = { cursor: written, ...event }
      slots[written % capacity] = kept
      return kept
    },

    /** Whether everything that came after the cursor is still there. */
    reaches: (cursor: number) => cursor >= 0 && cursor <= written && written - cursor <= capacity,

    /** What came after the cursor, the oldest first; of more than `limit` the newest. */
    after(cursor: number, limit = capacity): MonitoringEvent[] {
      const first = Math.max(cursor + 1, written - Math.min(limit, capacity) + 1, 1)
      const events: MonitoringEvent[] = []
      for (let at = first; at <= written; at += 1) {
        const event = slots[at % capacity]
        if (event !== undefined) events.push(event)
      }
      return events
    },
  }
}

export type EventRing = ReturnType<typeof createEventRing>
