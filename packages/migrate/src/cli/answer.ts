import type { Language, Objection } from '../objection.ts'
import type { Words } from './english.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Paint } from './terminal.ts'

/** What a command has found out: for people as text, for programs as data. */
export type Answer = {
  readonly exitCode: ExitCode
  /** Goes out as one line of JSON beside `command` and `exitCode`. */
  readonly data: Readonly<Record<string, unknown>>
  /** Lines for people; no line end after the last. */
  readonly text: string
  /** What to do now, most likely first. */
  readonly next: readonly NextStep[]
}

/** `command` without the name of the program, such as `up --contract`. */
export type NextStep = { readonly command: string; readonly says: string }

/** How people are spoken to. */
export type Voice = {
  readonly words: Words
  readonly language: Language
  readonly paint: Paint
  /** Characters in a line. */
  readonly width: number
}

/** A failure of the command itself that has a remedy: it is told like an objection. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: ExitCode
  readonly remedy: string

  constructor(exitCode: ExitCode, said: { readonly because: string; readonly remedy: string }) {
    super(said.because)
    this.exitCode = exitCode
    this.remedy = said.remedy
  }
}

/** Lines of several parts with an empty one between them; empty parts leave nothing. */
export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}

/** Objections as lines with the place first, as editors and terminals understand it. */
export function objectionLines(
  objections: readonly Objection[],
  { paint, language }: Voice,
): string {
  return objections
    .map((objection) => {
      const { because, remedy } = language === 'he' ? objection.hebrew : objection
      const place = placeOf(objection)
      const head = place === '' ? '' : `${paint('strong', place)}: `
      return `${head}${paint('bad', objection.code)}: ${because}\n  ${paint('good', '→')} ${remedy}`
    })
    .join('\n')
}

/** `file:line:column`, as far as it is known. */
function placeOf({ file, migration, line, column }: Objection): string {
  const name = file ?? migration
  if (name === '') return ''
  return [name, line, column].filter((part) => part !== undefined).join(':')
}

/** What may come next, as commands that can be pasted. */
export function nextLines(next: readonly NextStep[], name: string, voice: Voice): string {
  if (next.length === 0) return ''
  const { paint, words } = voice
  const width = Math.max(...next.map(({ command }) => command.length))
  const lines = next.map(
    ({ command, says }) =>
      `  ${paint('name', `${name} ${command}`)}${' '.repeat(width - command.length)}  ${paint('quiet', `# ${says}`)}`,
  )
  return [`${words.next}:`, ...lines].join('\n')
}
