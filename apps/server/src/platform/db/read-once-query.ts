import pg from 'pg'

/** Who reads: the user of the row policies, and the role where one login serves all. */
export type Reader = { readonly userId: string; readonly role?: string | undefined }

/** The settings of a reader as a statement; it is sent once per connection, then only bound. */
export function readerSettings({ userId, role }: Reader): pg.QueryConfig & { name: string } {
  const own = `set_config('app.user_id', $1, true), set_config('transaction_read_only', 'on', true)`
  return role === undefined
    ? { name: 'reader', text: `select ${own}`, values: [userId] }
    : {
        name: 'reader',
        text: `select ${own}, set_config('role', $2, true)`,
        values: [userId, role],
      }
}

/** What `pg` calls with each answer; its types leave it out. */
type Hearing = {
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: unknown): void
}
const plain = pg.Query.prototype as pg.Query & Hearing

/**
 * One reading statement behind the settings of its reader, in one piece. What is sent before one
 * Sync is one transaction (PostgreSQL, "Extended Query"): it takes neither BEGIN nor COMMIT.
 */
export class ReadOnceQuery extends pg.Query implements Hearing {
  /** Resolves with the rows; rejects with the driver's error. */
  readonly answer: Promise<pg.QueryResult>
  readonly #reader: Reader
  #isSet = false

  constructor(config: pg.QueryConfig, reader: Reader) {
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>()
    super(config, (error, answer) => (error ? reject(error) : resolve(answer)))
    this.answer = promise
    this.#reader = reader
  }

  override submit = (connection: pg.Connection): void => {
    const { name, values = [] } = readerSettings(this.#reader)
    connection.stream.cork()
    connection.bind({ statement: name, values }, true)
    connection.execute(null, true)
    plain.submit.call(this, connection)
    connection.stream.uncork()
  }

  handleDataRow(message: unknown): void {
    if (this.#isSet) plain.handleDataRow.call(this, message)
  }

  handleCommandComplete(message: unknown, connection: unknown): void {
    if (this.#isSet) plain.handleCommandComplete.call(this, message, connection)
    this.#isSet = true
  }
}
