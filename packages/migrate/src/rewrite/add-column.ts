import type { AlterTableCmd } from 'libpg-query'
import { quoteName } from '../catalog/identifier.ts'
import { columnDefOf, commandsOf, constraintsOf } from '../lint/tree.ts'
import { requireInSteps } from './not-null.ts'
import {
  addedTo,
  isUpdateOtherwise,
  isPlainTable,
  primaryKeyOf,
  type Rewritable,
  type Rewriter,
  type Step,
  textOf,
} from './rewritable.ts'

/**
 * ADD COLUMN with a default that is another value for each row: the empty column and the default for
 * new rows first, the old rows in pieces, NOT NULL at the end.
 */
export const addColumn: Rewriter = (rewritable) => {
  const { scene } = rewritable
  const { table } = scene
  const [column, ...others] = addedTo(rewritable, 'column', table)
  if (!isFilledPerRow(rewritable) || column === undefined || others.length > 0) return undefined
  const key = primaryKeyOf(rewritable, table)
  // Without a key there are no pieces, and an UPDATE would fire what ADD COLUMN does not.
  if (key === undefined || isUpdateOtherwise(rewritable, table)) return undefined
  const name = quoteName(column.name)
  const collation = textOf(column.values['collation'])
  const collate = collation === '' ? '' : ` collate ${collation}`
  const steps: Step[] = [
    {
      text: `alter table ${table} add column ${name} ${textOf(column.values['type'])}${collate}`,
      txClass: 'tx',
    },
    {
      text: `alter table ${table} alter column ${name} set default ${textOf(column.values['default'])}`,
      txClass: 'tx',
      boundary: true,
    },
    fill(table, { name, key }),
  ]
  const isRequired = column.values['notNull'] === true
  return isRequired ? [...steps, ...requireInSteps(rewritable, column)] : steps
}

function isFilledPerRow(rewritable: Rewritable): boolean {
  const { scene } = rewritable
  const { node, table, rewrites } = scene
  const [command, ...others] = commandsOf(node)
  if (command?.subtype !== 'AT_AddColumn' || others.length > 0) return false
  if (!scene.existedTable(table) || !isPlainTable(rewritable, table)) return false
  return hasOnlyDefault(command) && rewrites.some(({ relation }) => relation === table)
}

/** Perhaps with NOT NULL, but with nothing else that would have to be said afterwards. */
function hasOnlyDefault(command: AlterTableCmd): boolean {
  const { storage_name: storage = '', compression = '' } = columnDefOf(command) ?? {}
  const kinds = constraintsOf(command).map(({ contype = '' }) => contype)
  const isKnown = kinds.every((kind) => kind === 'CONSTR_DEFAULT' || kind === 'CONSTR_NOTNULL')
  return isKnown && kinds.includes('CONSTR_DEFAULT') && storage === '' && compression === ''
}

type Column = { readonly name: string; readonly key: NonNullable<ReturnType<typeof primaryKeyOf>> }

function fill(table: string, { name, key }: Column): Step {
  const text = `update ${table} set ${name} = default where ${name} is null`
  return {
    text,
    txClass: 'alone',
    batch: { table, alias: table, key, before: `${text} and `, after: '' },
  }
}
