import type { DropStmt, IndexStmt, RangeVar, ReindexStmt } from 'libpg-query'
import { loadParser, type Node, type Parser, type ScanToken } from '../text/parser.ts'
import { pgName } from './pg-name.ts'

/** A name as it stands in a statement; without a schema, the `search_path` finds it. */
export type ObjectName = { readonly schema: string | undefined; readonly name: string }

/** What a statement of class `alone` wants to reach, so that the catalog can tell whether it did. */
export type AloneWork =
  | {
      readonly kind: 'create-index'
      readonly table: ObjectName
      /** Undefined: the server chooses. */
      readonly index: string | undefined
      readonly unique: boolean
      readonly ifNotExists: boolean
      /** Everything behind the name of the table, such as `using btree (a) where b`. */
      readonly rest: string
    }
  | { readonly kind: 'drop-index'; readonly index: ObjectName; readonly ifExists: boolean }
  | {
      readonly kind: 'reindex'
      /** Undefined: a whole schema or database. */
      readonly of: { readonly what: 'index' | 'table'; readonly name: ObjectName } | undefined
    }
  | { readonly kind: 'detach'; readonly parent: ObjectName; readonly partition: ObjectName }
  /** May simply run again, such as VACUUM. */
  | { readonly kind: 'repeatable' }
  /** No catalog row of its own tells whether it has run, such as ALTER SYSTEM. */
  | { readonly kind: 'other' }

/** Reads what a statement of class `alone` wants. Never throws: what cannot be read is `other`. */
export async function readAloneWork(text: string): Promise<AloneWork> {
  const parser = await loadParser()
  const node = onlyNode(text, parser)
  if (node === undefined) return { kind: 'other' }
  if ('IndexStmt' in node) return readIndex(node.IndexStmt, textAfterTable(text, parser))
  if ('DropStmt' in node) return readDrop(node.DropStmt)
  if ('ReindexStmt' in node) return readReindex(node.ReindexStmt)
  if ('AlterTableStmt' in node) return readDetach(node)
  if ('VacuumStmt' in node || 'ClusterStmt' in node) return { kind: 'repeatable' }
  return { kind: 'other' }
}

function onlyNode(text: string, parser: Parser): Node | undefined {
  const parsed = parser.parse(text)
  if (parsed.kind !== 'parsed' || parsed.statements.length > 1) return undefined
  return parsed.statements[0]?.stmt
}

function readIndex(statement: IndexStmt, rest: string | undefined): AloneWork {
  const { relation, idxname, unique = false, if_not_exists: ifNotExists = false } = statement
  if (relation === undefined || rest === undefined) return { kind: 'other' }
  const index = idxname === undefined || idxname === '' ? undefined : pgName(idxname)
  return { kind: 'create-index', table: nameOf(relation), index, unique, ifNotExists, rest }
}

/** `… ON [ONLY] [schema.]table [*] rest`; tokens count in bytes. */
function textAfterTable(text: string, parser: Parser): string | undefined {
  const tokens = parser.scan(text)
  const is = (token: ScanToken | undefined, word: string) => token?.text.toLowerCase() === word
  let at = tokens.findIndex((token) => token.keywordName === 'RESERVED_KEYWORD' && is(token, 'on'))
  if (at === -1) return undefined
  at += is(tokens[at + 1], 'only') ? 2 : 1
  while (is(tokens[at + 1], '.')) at += 2
  if (is(tokens[at + 1], '*')) at += 1
  const end = tokens[at]?.end
  return end === undefined ? undefined : Buffer.from(text).subarray(end).toString().trim()
}

function readDrop({ objects = [], missing_ok: ifExists = false }: DropStmt): AloneWork {
  const [object] = objects
  if (object === undefined || !('List' in object)) return { kind: 'other' }
  const parts = (object.List.items ?? []).map((item) => ('String' in item ? item.String.sval : ''))
  const [name, schema] = parts.toReversed()
  if (name === undefined) return { kind: 'other' }
  return { kind: 'drop-index', index: { schema, name: pgName(name) }, ifExists }
}

function readReindex({ kind, relation }: ReindexStmt): AloneWork {
  const what = kind === 'REINDEX_OBJECT_INDEX' ? 'index' : 'table'
  if (relation === undefined) return { kind: 'reindex', of: undefined }
  return { kind: 'reindex', of: { what, name: nameOf(relation) } }
}

function readDetach(node: Extract<Node, { AlterTableStmt: unknown }>): AloneWork {
  const { relation, cmds = [] } = node.AlterTableStmt
  const [command] = cmds
  if (relation === undefined || command === undefined || !('AlterTableCmd' in command))
    return { kind: 'other' }
  const { subtype, def } = command.AlterTableCmd
  const isDetach = subtype === 'AT_DetachPartition' || subtype === 'AT_DetachPartitionFinalize'
  if (!isDetach || def === undefined || !('PartitionCmd' in def)) return { kind: 'other' }
  const partition = def.PartitionCmd.name
  if (partition === undefined) return { kind: 'other' }
  return { kind: 'detach', parent: nameOf(relation), partition: nameOf(partition) }
}

function nameOf({ schemaname, relname = '' }: RangeVar): ObjectName {
  return { schema: schemaname === '' ? undefined : schemaname, name: pgName(relname) }
}
