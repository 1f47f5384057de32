import type { Fact } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { parentOf, type Rewritable, type Step, textOf } from './rewritable.ts'

/** Columns of a table that may hold nulls before a statement and may not after it. */
export function becameRequired({ observation }: Rewritable, table: string): readonly Fact[] {
  return observation.changes.changed.flatMap(({ before, after }) =>
    after.kind === 'column' &&
    parentOf(after) === table &&
    before.values['notNull'] !== true &&
    after.values['notNull'] === true
      ? [after]
      : [],
  )
}

/**
 * NOT NULL in steps that hold the strong lock for a moment only: the rule first, which new rows keep
 * from then on; the look at the old rows in a transaction that lets everybody go on.
 *
 * @param column as it is in the end
 */
export function requireInSteps(
  { major, statement }: Pick<Rewritable, 'major' | 'statement'>,
  column: Fact,
): readonly Step[] {
  const table = parentOf(column)
  const name = quoteName(column.name)
  if (major >= 18) {
    const rule = quoteName(textOf(column.details['notNullName']))
    return [
      {
        text: `alter table ${table} add constraint ${rule} not null ${name} not valid`,
        txClass: 'tx',
        boundary: true,
      },
      {
        text: `alter table ${table} validate constraint ${rule}`,
        txClass: 'tx',
        boundary: true,
      },
    ]
  }
  const check = `studioops_not_null_${statement.no}_${Number(column.details['position'])}`
  return [
    {
      text: `alter table ${table} add constraint ${check} check (${name} is not null) not valid`,
      txClass: 'tx',
      boundary: true,
    },
    {
      text: `alter table ${table} validate constraint ${check}`,
      txClass: 'tx',
      boundary: true,
    },
    // The check proves it, so that no row is looked at again.
    { text: `alter table ${table} alter column ${name} set not null`, txClass: 'tx' },
    { text: `alter table ${table} drop constraint ${check}`, txClass: 'tx', boundary: true },
  ]
}
