import { monitoringMessage, monitoringSocketPath } from '@studioops/contracts/monitoring'
import { createSocketTicket, socketProtocol, ticketPrefix } from '@studioops/contracts/runs'
import { getMonitoring } from '@studioops/contracts/monitoring'
import type { ApiClient } from '../../lib/api-client.ts'
import { afterMessage, type Room } from './room-state.ts'

export type Feed = {
  readonly room: Room | undefined
  /** Whether what is shown is of now. */
  readonly isLive: boolean
  /** Milliseconds since 1970: when something came last. */
  readonly heardAt: number | undefined
  /** Why nothing could be shown at all. */
  readonly error: unknown
}

type Listener = (feed: Feed) => void

const firstWaitMs = 500
const longestWaitMs = 15_000
/** The server says something at least every second; a line that says nothing for so long is dead. */
const silentMs = 10_000

/**
 * Follows the room until it is left: by a socket, which after a break goes on where it was, and while
 * none comes about by asking now and then.
 */
export function followRoom(api: ApiClient, listen: Listener): () => void {
  let feed: Feed = { room: undefined, isLive: false, heardAt: undefined, error: undefined }
  let bootId = ''
  let failures = 0
  let isOver = false
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined

  function tell(change: Partial<Feed>): void {
    if (isOver) return
    feed = { ...feed, ...change }
    listen(feed)
  }

  function hear(data: unknown): void {
    const parsed = monitoringMessage.safeParse(JSON.parse(String(data)))
    if (!parsed.success) return
    const { data: message } = parsed
    if (message.type === 'hello') ({ bootId } = message)
    failures = 0
    clearTimeout(silence)
    silence = setTimeout(() => socket?.close(), silentMs)
    const room = afterMessage(feed.room, message, bootId)
    tell({ room, isLive: room !== undefined, heardAt: Date.now(), error: undefined })
  }

  function again(): void {
    clearTimeout(silence)
    if (isOver) return
    tell({ isLive: false })
    failures += 1
    const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** failures)
    timer = setTimeout(() => void connect(), longest / 2 + (Math.random() * longest) / 2)
  }

  async function connect(): Promise<void> {
    try {
      const { ticket } = await api.call(createSocketTicket, {})
      if (isOver) return
      socket = new WebSocket(addressOf(feed.room), [socketProtocol, `${ticketPrefix}${ticket}`])
      socket.addEventListener('message', ({ data }) => hear(data))
      socket.addEventListener('close', () => void askInstead().finally(again))
    } catch {
      await askInstead()
      again()
    }
  }

  /** For networks that let no socket through. */
  async function askInstead(): Promise<void> {
    if (isOver) return
    try {
      const snapshot = await api.call(getMonitoring, {})
      const room = {
        ...snapshot,
        bootId: '',
        cursor: snapshot.events.at(-1)?.cursor ?? 0,
        skipped: 0,
      }
      tell({ room, heardAt: Date.now(), error: undefined })
    } catch (error) {
      tell({ error })
    }
  }

  void connect()
  return () => {
    isOver = true
    clearTimeout(timer)
    clearTimeout(silence)
    socket?.close()
  }
}

function addressOf(room: Room | undefined): string {
  const url = new URL(monitoringSocketPath, document.baseURI)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  if (room !== undefined && room.bootId !== '') {
    url.searchParams.set('bootId', room.bootId)
    url.searchParams.set('cursor', String(room.cursor))
    url.searchParams.set('at', String(room.series.at(-1)?.at ?? 0))
  }
  return url.href
}
