import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'

/** Stands in the compiled query where a call puts its value. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

type SlotsOf<Values> = { readonly [Name in keyof Values]: RawBuilder<Values[Name]> }

/**
 * A query for hot paths: built and compiled at its first call, since building it costs more than
 * sending it. What it looks like must not depend on the values.
 *
 * @param build gives the query; where it uses a member of `slots`, each call puts its value
 */
export function compileOnce<Values extends object, Row>(
  build: (db: Db, slots: SlotsOf<Values>) => Compilable<Row>,
): (db: Db, values: Values) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (db, values) => {
    compiled ??= build(db, createSlots()).compile()
    const given = new Map(Object.entries(values))
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Slot ? given.get(parameter.name) : parameter,
    )
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}

/** Whatever member is asked for is a slot of that name. */
function createSlots<Values>(): SlotsOf<Values> {
  const get = (_: object, name: string) => sql`${new Slot(name)}`
  return new Proxy({}, { get }) as SlotsOf<Values>
}
