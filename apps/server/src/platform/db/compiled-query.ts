import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'

/** Stands in the compiled query where a call puts its value. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

export type SlotOf<Values> = <Name extends keyof Values & string>(
  name: Name,
) => RawBuilder<Values[Name]>

/**
 * A query for hot paths: built and compiled at its first call, since building it costs more than
 * sending it. What it looks like must not depend on the values.
 *
 * @param build gives the query; `slot('limit')` stands for the value of that name
 */
export function compileOnce<Values extends Readonly<Record<string, unknown>>, Row>(
  build: (db: Db, slot: SlotOf<Values>) => Compilable<Row>,
): (db: Db, values: Values) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (db, values) => {
    compiled ??= build(db, (name) => sql`${new Slot(name)}`).compile()
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Slot ? values[parameter.name] : parameter,
    )
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}
