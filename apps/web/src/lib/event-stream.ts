import type { StreamedEvent } from '@studioops/contracts/runs'
import { type Visit, type Way, ways } from './event-ways.ts'
import { ProblemError } from './problem.ts'

export type { StreamedEvent }

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
  readonly openSocket?: Visit['openSocket']
  /** How long to wait before connection number `failures + 1`, in milliseconds. */
  readonly pauseMs?: (failures: number) => number
}

const silenceMaxMs = 35_000
/** After so many connections in a row on which nothing at all came, another way is tried. */
const muteMax = 2
/** The way on which something came last; what stands between us and the server seldom changes. */
const lately = { way: 0 }
const reportAfterMs = 2_000

/** Doubling from a quarter of a second to ten seconds, the upper half of it by chance. */
function backoffMs(failures: number): number {
  const whole = Math.min(10_000, 250 * 2 ** Math.min(failures - 1, 6))
  return whole / 2 + (Math.random() * whole) / 2
}

/**
 * Follows a run until its `done` event, over as many connections as it takes: as a stream, and where
 * none passes over a socket, and where none passes by asking again and again (STR-5). An event counts
 * once it has come whole; what was torn is dropped and asked for again by its id.
 *
 * Aborting ends the following, never the run: that is stopped by `stopRun` alone.
 *
 * @throws ProblemError when the server refuses for good, such as an ended session
 */
export async function followRun(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { pauseMs = backoffMs, onLink = () => {} } = options
  const watch = createLinkWatch(onLink)
  const progress: Progress = {
    lastId: options.after,
    isDone: false,
    wasWhole: false,
    failures: 0,
    mute: 0,
    way: lately.way,
  }
  try {
    while (!signal.aborted) {
      watch.lost()
      await visitOnce({ options, progress, watch }, signal)
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
  /** Connections in a row on which nothing came. */
  mute: number
  way: number
}
type Connection = { options: FollowOptions; progress: Progress; watch: LinkWatch }

/** One connection, to its end, whatever ends it; a refusal for good is thrown. */
async function visitOnce({ options, progress, watch }: Connection, signal: AbortSignal) {
  const way: Way | undefined = ways[progress.way]
  if (way === undefined) return
  const silence = createSilenceWatch(signal, way.firstWordMs)
  progress.wasWhole = false
  progress.mute += 1
  try {
    progress.wasWhole = await way.visit({
      runId: options.runId,
      // Browsers refuse their `fetch` as a method of anything else.
      send: options.send ?? ((input, init) => fetch(input, init)),
      openSocket: options.openSocket ?? ((url, protocols) => new WebSocket(url, protocols)),
      signal: silence.signal,
      after: () => progress.lastId,
      isDone: () => progress.isDone,
      alive() {
        silence.heard()
        watch.live()
        progress.mute = 0
        lately.way = progress.way
      },
      hear(streamed) {
        if (progress.isDone) return
        progress.lastId = streamed.id
        progress.failures = 0
        progress.isDone = streamed.event.type === 'done'
        options.onEvent(streamed)
      },
    })
  } catch (error) {
    if (error instanceof ProblemError) throw error
  } finally {
    silence.close()
  }
  if (progress.mute < muteMax) return
  progress.mute = 0
  progress.way = (progress.way + 1) % ways.length
}

/** Aborts a connection on which not even a heartbeat was heard for too long. */
function createSilenceWatch(outer: AbortSignal, firstWordMs: number) {
  const inner = new AbortController()
  const abort = () => inner.abort()
  let timer = setTimeout(abort, firstWordMs)
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
