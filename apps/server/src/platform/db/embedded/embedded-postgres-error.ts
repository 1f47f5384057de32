/**
 * Why the embedded PostgreSQL is not there. The message says what happened and what to do, and ends
 * with the last lines of PostgreSQL's own log where there are any.
 *
 * `no-binary`: nothing that could run here. `data`: the directory cannot be used as it is.
 * `start`, `stop`: the server did not come up or go down.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
  readonly reason: 'no-binary' | 'data' | 'start' | 'stop'

  constructor(
    reason: EmbeddedPostgresError['reason'],
    message: string,
    { log = '', cause }: { readonly log?: string; readonly cause?: unknown } = {},
  ) {
    const lines = log.trimEnd()
    const shown = lines === '' ? '' : `\nPostgreSQL says:\n${lines.replaceAll(/^/gm, '  ')}`
    super(`${message}${shown}`, cause === undefined ? {} : { cause })
    this.reason = reason
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
