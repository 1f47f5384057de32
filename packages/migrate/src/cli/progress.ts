import type { Blocker, MigrationEvent, OnEvent } from '../execute/events.ts'
import type { Holder } from '../ledger/lease.ts'
import type { Voice } from './answer.ts'
import type { Output } from './terminal.ts'
import { shorten, widthOf } from './terminal.ts'

/** Tells what goes on while it goes on. */
export type Progress = {
  readonly onEvent: OnEvent
  /** Says what takes long before the first event; only where it can be taken away again. */
  say(text: string): void
  /** Leaves nothing half-written behind. */
  end(): void
}

type Options = {
  /** `json`: an object a line; `live`: one line that changes; `lines`: one for each thing. */
  readonly form: 'json' | 'live' | 'lines'
  readonly output: Output
  readonly voice: Voice
}

/** One live line on a terminal, plain lines elsewhere, JSON lines for programs. */
export function createProgress({ form, output, voice }: Options): Progress {
  if (form === 'json') {
    const onEvent = (event: MigrationEvent) => void output.write(`${JSON.stringify(event)}\n`)
    return { onEvent, say: () => undefined, end: () => undefined }
  }
  const describe = describerFor(voice)
  if (form === 'live') return createLiveLine(output, describe, voice)
  let waitedMs = -Infinity
  return {
    onEvent(event) {
      const told = describe(event)
      if (told === undefined) return
      // In a log a line a second says no more than one now and then.
      if (event.type === 'waiting') {
        if (event.waitedMs < waitedMs + logEveryMs) return
        waitedMs = event.waitedMs
      } else if (!told.stays) return
      output.write(`${told.text}\n`)
    },
    say: () => undefined,
    end: () => undefined,
  }
}

const logEveryMs = 10_000

/** A line that stays, or one that the next may take the place of. */
type Told = { readonly text: string; readonly stays: boolean }
type Describe = (event: MigrationEvent) => Told | undefined

const clearLine = '\r\u001b[2K'

function createLiveLine(output: Output, describe: Describe, { width }: Voice): Progress {
  let isDirty = false
  return {
    say(text) {
      output.write(`${isDirty ? clearLine : ''}${shorten(text, width - 1)}`)
      isDirty = true
    },
    onEvent(event) {
      const told = describe(event)
      if (told === undefined) return
      const fits = widthOf(told.text) < width
      const text = told.stays ? `${told.text}\n` : fits ? told.text : shorten(told.text, width - 1)
      output.write(`${isDirty ? clearLine : ''}${text}`)
      isDirty = !told.stays
    },
    end() {
      if (isDirty) output.write(clearLine)
      isDirty = false
    },
  }
}

type Totals = { statements: number; startedAt: number }

function describerFor({ words, paint }: Voice): Describe {
  const { progress } = words
  const totals: Totals = { statements: 0, startedAt: 0 }
  const line = (text: string): Told => ({ text, stays: false })
  const kept = (text: string): Told => ({ text, stays: true })
  const at = (event: {
    readonly migration: string
    readonly position: number
    readonly total: number
  }) => `${paint('quiet', `[${event.position}/${event.total}]`)} ${event.migration}`
  const withStep = stepDescriber({ voice: { words, paint }, totals, at, line, kept })
  return (event) => {
    switch (event.type) {
      case 'waiting':
        return line(
          progress.waiting(
            Math.round(event.waitedMs / 1_000),
            whoIs(event.holder, event.blockedBy),
          ),
        )
      case 'backing-up':
        return line(progress.backingUp(event.tables))
      case 'database-backed-up':
        return kept(paint('quiet', progress.backedUp(event.location)))
      case 'planned':
        return undefined
      case 'reconnecting':
        return kept(paint('careful', progress.reconnecting))
      default:
        return withStep(event)
    }
  }

  function whoIs(holder: Holder | undefined, blockedBy: readonly Blocker[]): string {
    const name = holder === undefined ? progress.somebody : `${holder.host} (pid ${holder.pid})`
    const what =
      holder?.migration === undefined
        ? name
        : progress.waitingAt(
            name,
            holder.migration,
            `${holder.position ?? '?'}/${holder.total ?? '?'}`,
          )
    const [blocker] = blockedBy
    return blocker === undefined ? what : `${what}; ${progress.blockedBy(blockerName(blocker))}`
  }
}

type StepEvent = Extract<MigrationEvent, { migration: string }>

type StepDescriber = {
  readonly voice: Pick<Voice, 'words' | 'paint'>
  readonly totals: Totals
  readonly at: (event: StepEvent) => string
  readonly line: (text: string) => Told
  readonly kept: (text: string) => Told
}

function stepDescriber({ voice, totals, at, line, kept }: StepDescriber) {
  const { progress } = voice.words
  const { paint } = voice
  // oxlint-disable-next-line complexity -- one sentence for each kind of event
  return (event: StepEvent): Told | undefined => {
    switch (event.type) {
      case 'planning':
        return line(`${at(event)} ${progress.trying}`)
      case 'migration-started':
        totals.statements = event.statements
        return line(`${at(event)} ${progress.starting}`)
      case 'statement-started':
        return line(`${at(event)} ${progress.statement(event.statementNo, totals.statements)}`)
      case 'statement-done':
        return undefined
      case 'undo-started':
        totals.statements = event.statements
        return line(`${at(event)} ${progress.undoing}`)
      case 'undone':
        return kept(
          `${at(event)} ${paint('good', '↶')} ${progress.undone} ${paint('quiet', seconds(event.durationMs))}`,
        )
      case 'notice':
        return event.notice.message === ''
          ? undefined
          : kept(`${at(event)} ${paint('quiet', `${progress.notice}: ${event.notice.message}`)}`)
      case 'blocked':
        return line(
          `${at(event)} ${paint('careful', progress.blockedBy(event.blockedBy.map(blockerName).join(', ')))}`,
        )
      case 'backed-up':
        return kept(`${at(event)} ${paint('quiet', progress.backedUp(event.location))}`)
      case 'progress':
        return line(`${at(event)} ${progress.phase(event.phase, percent(event))}`)
      case 'retry':
        return kept(
          `${at(event)} ${paint('careful', progress.retry(event.sqlstate, seconds(event.pauseMs)))}`,
        )
      case 'recovered':
        return kept(`${at(event)} ${progress.recovered[event.decision]}`)
      case 'migration-failed':
        return kept(`${at(event)} ${paint('bad', `✗ ${progress.failed}`)}`)
      case 'migration-completed':
        return kept(
          `${at(event)} ${paint('good', '✓')} ${paint('quiet', seconds(event.durationMs))}`,
        )
    }
  }
}

const percent = ({ done, of }: { readonly done: number; readonly of: number }) =>
  of === 0 ? 0 : Math.floor((100 * done) / of)

/** Who stands in the way, as people can find them. */
export function blockerName(blocker: Blocker): string {
  const { pid, application, user, state, transactionS } = blocker
  const who = application === '' ? user : application
  return `${who} (pid ${pid}, ${state}, ${Math.round(transactionS)} s)`
}

/** A time as people say it: `12 ms`, `3.4 s`, `2:05 min`. */
export function seconds(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`
  const whole = Math.round(durationMs / 1_000)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`
}
