import { problem } from '@studioops/contracts/problem'
import { type RunEvent, runEvent, runEventsPath } from '@studioops/contracts/runs'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { ProblemError } from './problem.ts'

/** A stored event with its id `<epoch>.<seq>`. */
export type StreamedEvent = { readonly id: string; readonly event: RunEvent }

/** `reconnecting` is said only when the break has lasted long enough for a person to notice it. */
export type StreamLink = 'live' | 'reconnecting'

export type FollowOptions = {
  readonly runId: string
  /** Id of the last event that is already known; the stream goes on behind it. */
  readonly after?: string | undefined
  /** The run has ended already: what one whole connection gives is all there is. */
  readonly isOver?: boolean
  readonly onEvent: (streamed: StreamedEvent) => void
  readonly onLink?: (link: StreamLink) => void
  readonly send?: typeof fetch
  /** How long to wait before connection number `failures + 1`, in milliseconds. */
  readonly pauseMs?: (failures: number) => number
}

const silenceMaxMs = 35_000
const reportAfterMs = 2_000

/** Doubling from a quarter of a second to ten seconds, the upper half of it by chance. */
function backoffMs(failures: number): number {
  const whole = Math.min(10_000, 250 * 2 ** Math.min(failures - 1, 6))
  return whole / 2 + (Math.random() * whole) / 2
}

/**
 * Follows a run until its `done` event, over as many connections as it takes. An event counts once
 * its blank line has come; what was torn is dropped and asked for again by its id.
 *
 * Aborting ends the following, never the run: that is stopped by `stopRun` alone.
 *
 * @throws ProblemError when the server refuses for good, such as an ended session
 */
export async function followRun(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { pauseMs = backoffMs, onLink = () => {} } = options
  const watch = createLinkWatch(onLink)
  const progress: Progress = { lastId: options.after, isDone: false, wasWhole: false, failures: 0 }
  try {
    while (!signal.aborted) {
      watch.lost()
      await readConnection({ options, progress, watch }, signal)
      if (progress.isDone || signal.aborted) return
      if (options.isOver === true && progress.wasWhole) return
      watch.lost()
      progress.failures += 1
      await pause(pauseMs(progress.failures), signal)
    }
  } finally {
    watch.close()
  }
}

type Progress = {
  lastId: string | undefined
  isDone: boolean
  /** The last connection was ended by the server, not broken. */
  wasWhole: boolean
  failures: number
}
type Connection = { options: FollowOptions; progress: Progress; watch: LinkWatch }

/** One connection, to its end, whatever ends it; a refusal for good is thrown. */
async function readConnection(connection: Connection, signal: AbortSignal): Promise<void> {
  const { options, progress, watch } = connection
  const silence = createSilenceWatch(signal)
  try {
    const reply = await request(options, progress, silence.signal)
    if (!reply.ok) return await refuse(reply)
    watch.live()
    await readBody(reply, connection, silence)
  } catch (error) {
    if (error instanceof ProblemError) throw error
  } finally {
    silence.close()
  }
}

function request({ runId, send }: FollowOptions, { lastId }: Progress, signal: AbortSignal) {
  const fetchIt = send ?? fetch
  return fetchIt(runEventsPath(runId), {
    headers: {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    },
    cache: 'no-store',
    signal,
  })
}

/** Returns where trying again may help, throws where it cannot. */
async function refuse(reply: Response): Promise<void> {
  const parsed = problem.safeParse(await reply.json().catch(() => undefined))
  if (parsed.success && parsed.data.retry !== 'later') throw new ProblemError(parsed.data)
}

async function readBody(reply: Response, connection: Connection, silence: SilenceWatch) {
  const { options, progress } = connection
  const reader = reply.body?.getReader()
  if (reader === undefined) return
  // One of each per connection: half a character of a broken one must not leak into the next.
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent(message) {
      const streamed = readEvent(message)
      if (streamed === undefined || progress.isDone) return
      progress.lastId = streamed.id
      progress.failures = 0
      progress.isDone = streamed.event.type === 'done'
      options.onEvent(streamed)
    },
  })
  try {
    while (!progress.isDone) {
      const { done, value } = await reader.read()
      progress.wasWhole = done
      if (done) return
      silence.heard()
      parser.feed(decoder.decode(value, { stream: true }))
    }
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

type SilenceWatch = ReturnType<typeof createSilenceWatch>

/** Aborts a connection on which not even a heartbeat was heard for too long. */
function createSilenceWatch(outer: AbortSignal) {
  const inner = new AbortController()
  const abort = () => inner.abort()
  let timer = setTimeout(abort, silenceMaxMs)
  if (outer.aborted) abort()
  outer.addEventListener('abort', abort)
  return {
    signal: inner.signal,
    heard() {
      clearTimeout(timer)
      timer = setTimeout(abort, silenceMaxMs)
    },
    close() {
      clearTimeout(timer)
      outer.removeEventListener('abort', abort)
    },
  }
}

type LinkWatch = ReturnType<typeof createLinkWatch>

function createLinkWatch(onLink: (link: StreamLink) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let link: StreamLink = 'live'
  const say = (next: StreamLink) => {
    if (next !== link) onLink(next)
    link = next
  }
  const close = () => {
    clearTimeout(timer)
    timer = undefined
  }
  return {
    lost() {
      timer ??= setTimeout(() => say('reconnecting'), reportAfterMs)
    },
    live() {
      close()
      say('live')
    },
    close,
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
