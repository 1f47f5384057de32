/** The two directions of a file that holds both. */
export type Sections = { readonly up: string; readonly down: string | undefined }

/**
 * Splits a file at the comment lines that its tool uses. What belongs to the other direction is left
 * as empty lines, so that places in messages are places in the file.
 *
 * @param isMark which direction a line begins; undefined for all other lines
 */
export function splitSections(
  text: string,
  isMark: (line: string) => 'up' | 'down' | undefined,
): Sections {
  const up: string[] = []
  const down: string[] = []
  let current: 'up' | 'down' = 'up'
  let hasDown = false
  for (const line of text.split('\n')) {
    const mark = isMark(line)
    if (mark !== undefined) current = mark
    hasDown ||= mark === 'down'
    const kept = mark === undefined ? line : ''
    up.push(current === 'up' ? kept : '')
    down.push(current === 'down' ? kept : '')
  }
  return { up: up.join('\n'), down: hasDown ? down.join('\n') : undefined }
}

const direction =
  (upMark: RegExp, downMark: RegExp) =>
  (line: string): 'up' | 'down' | undefined => {
    if (upMark.test(line)) return 'up'
    return downMark.test(line) ? 'down' : undefined
  }

/** Marks of the tools that keep both directions in one file. */
export const marks = {
  dbmate: direction(/^--\s*migrate:up\b/, /^--\s*migrate:down\b/),
  goose: direction(/^--\s*\+goose\s+up\b/i, /^--\s*\+goose\s+down\b/i),
  'node-pg-migrate': direction(/^\s*--[\s-]*up\s+migration/i, /^\s*--[\s-]*down\s+migration/i),
} as const

/** Where drizzle cuts a file; it may stand where no semicolon ends the statement before it. */
export function withBreakpoints(text: string): string {
  const parts = text.split('--> statement-breakpoint')
  return parts
    .map((part, index) => {
      const isOpen = index < parts.length - 1 && !/;\s*$/.test(part)
      return isOpen ? `${part};` : part
    })
    .join('--> statement-breakpoint')
}
