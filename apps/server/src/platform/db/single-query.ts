import pg from 'pg'

/** Who asks: the user of the row policies, and the role where one login serves all. */
export type Asker = {
  readonly userId: string
  readonly role?: string | undefined
  readonly mayWrite: boolean
}

/** The settings of an asker as a statement; it is sent once per connection, then only bound. */
export function askerSettings({
  userId,
  role,
  mayWrite,
}: Asker): pg.QueryConfig & { readonly name: string } {
  const settings = [
    `set_config('app.user_id', $1, true)`,
    ...(mayWrite ? [] : [`set_config('transaction_read_only', 'on', true)`]),
    ...(role === undefined ? [] : [`set_config('role', $2, true)`]),
  ]
  return {
    name: mayWrite ? 'writer' : 'reader',
    text: `select ${settings.join(', ')}`,
    values: role === undefined ? [userId] : [userId, role],
  }
}

/** What `pg` calls with each answer; its types leave it out. */
type Hearing = {
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: unknown): void
}
const plain = pg.Query.prototype as pg.Query & Hearing

/**
 * One statement behind the settings of its asker, in one piece. What is sent before one
 * Sync is one transaction (PostgreSQL, "Extended Query"): it takes neither BEGIN nor COMMIT.
 */
export class SingleQuery extends pg.Query implements Hearing {
  /** Resolves with the rows; rejects with the driver's error. */
  readonly answer: Promise<pg.QueryResult>
  readonly #asker: Asker
  #isSet = false

  constructor(config: pg.QueryConfig, asker: Asker) {
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>()
    super(config, (error, answer) => (error ? reject(error) : resolve(answer)))
    this.answer = promise
    this.#asker = asker
  }

  override submit = (connection: pg.Connection): void => {
    const { name, values = [] } = askerSettings(this.#asker)
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
