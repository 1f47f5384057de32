/** What the server said about a failure, without any value of a row or of the statement. */
export type ShadowError = {
  readonly sqlstate: string
  readonly message: string
  /** 1-based, in characters of the statement; undefined where the server names no place. */
  readonly position: number | undefined
  readonly hint: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined
}

/** A message of the server that is no error. */
export type Notice = {
  /** `00000` for many of the "does not exist, skipping". */
  readonly sqlstate: string
  readonly severity: string
  readonly message: string
}

/** Classes of errors that are about data, whose messages quote it. */
const dataClasses = new Set(['22', '23', '44'])

/** Reads the error of either driver. Undefined for what did not come from a server. */
export function readServerError(thrown: unknown): ShadowError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  const fields = thrown as Error & Record<string, unknown>
  const sqlstate = fields['code']
  if (typeof sqlstate !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlstate)) return undefined
  const text = (name: string) => {
    const value = fields[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const position = Number(text('position'))
  return {
    sqlstate,
    message: dataClasses.has(sqlstate.slice(0, 2)) ? withoutValues(thrown.message) : thrown.message,
    position: Number.isInteger(position) && position > 0 ? position : undefined,
    hint: text('hint'),
    schema: text('schema'),
    table: text('table'),
    column: text('column'),
    constraint: text('constraint'),
  }
}

/** `invalid input syntax for type integer: "x"` and `value "x" is out of range` quote the value. */
function withoutValues(message: string): string {
  return message
    .replace(/: ".*"(?= at character \d+$|$)/s, '')
    .replace(/^value ".*" (?=is out of range)/s, 'value ')
}

/** Reads a notice of either driver. */
export function readNotice(notice: object): Notice {
  const fields = notice as Record<string, unknown>
  const text = (name: string) => {
    const value = fields[name]
    return typeof value === 'string' ? value : ''
  }
  return { sqlstate: text('code'), severity: text('severity'), message: text('message') }
}
