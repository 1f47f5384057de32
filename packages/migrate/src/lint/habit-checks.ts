import { nameOfKey } from '../analyse/keys.ts'
import type { Check, Draft } from './draft.ts'
import type { Effort } from './blocks.ts'
import type { Scene } from './scene.ts'
import { quoteName } from '../catalog/identifier.ts'

/** Statements that go through all rows of a table in one transaction. */
const largeUpdate: Check = ({ node, table, scans, existedTable, locks }) => {
  if (!('UpdateStmt' in node || 'DeleteStmt' in node) || !existedTable(table)) return []
  const hasWhere =
    'UpdateStmt' in node
      ? node.UpdateStmt.whereClause !== undefined
      : 'DeleteStmt' in node && node.DeleteStmt.whereClause !== undefined
  if (hasWhere && !scans.includes(table)) return []
  const mode = locks.find(({ relation }) => relation === table)?.mode ?? 'row exclusive'
  const effort: Effort = { mode, tables: [table], work: 'update' }
  return [{ rule: 'large-update', object: table, facts: { table }, effort }]
}

const events: Readonly<Record<string, RegExp>> = {
  UpdateStmt: /\bUPDATE\b/,
  DeleteStmt: /\bDELETE\b/,
  InsertStmt: /\bINSERT\b/,
  MergeStmt: /\b(INSERT|UPDATE|DELETE)\b/,
}

const triggers: Check = ({ node, table, facts, existedTable }) => {
  const [tag = ''] = Object.keys(node)
  const event = events[tag]
  if (event === undefined || facts === undefined || !existedTable(table)) return []
  const fired = [...facts.values()].filter(({ kind, schema = '', parent = '', values }) => {
    if (kind !== 'trigger' || `${quoteName(schema)}.${quoteName(parent)}` !== table) return false
    const { definition } = values
    const head = typeof definition === 'string' ? definition.replace(/\sON\s.*/s, '') : ''
    return event.test(head) && values['enabled'] !== 'disabled'
  })
  if (fired.length === 0) return []
  const list = fired.map(({ name }) => quoteName(name)).join(', ')
  return [{ rule: 'fires-triggers', object: table, facts: { table, list } }]
}

const hiding: Check = ({ node, statement, observation }) => {
  const text = JSON.stringify(node)
  if (!/"(if_not_exists|missing_ok)":true/.test(text)) return []
  const [skip] = statement.skips
  const isCreating = text.includes('"if_not_exists":true') || isAddColumn(text)
  if (!isCreating) return []
  if (observation === undefined ? skip === undefined : !observation.isNoOp) return []
  const object = skip === undefined ? (noticed(observation) ?? '') : nameOfKey(skip.key)
  return [{ rule: 'if-not-exists-hides', object }]
}

/** ALTER TABLE … ADD COLUMN IF NOT EXISTS keeps its flag in the command. */
const isAddColumn = (text: string) => text.includes('"AT_AddColumn"')

function noticed(observation: Scene['observation']): string | undefined {
  return observation?.notices.map(({ message }) => /"([^"]+)"/.exec(message)?.[1])[0]
}

const enumUse: Check = ({ statement: { boundary } }) =>
  boundary?.usedBy === undefined
    ? []
    : [
        {
          rule: 'enum-value-use',
          object: nameOfKey(boundary.type),
          facts: { label: `'${boundary.label}'`, user: boundary.usedBy },
        },
      ]

const opaque: Check = ({ statement, migration }): readonly Draft[] =>
  statement.opaque && !migration.source.header.opaque ? [{ rule: 'opaque' }] : []

/** What a reader would not see, and what rows and triggers have to bear. */
export const habitChecks: Check = (scene) =>
  [largeUpdate, triggers, hiding, enumUse, opaque].flatMap((check) => check(scene))
