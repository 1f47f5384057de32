import type {
  CreateTableAsStmt,
  ExplainStmt,
  FuncCall,
  Node,
  ReindexStmt,
  SelectStmt,
} from 'libpg-query'
import { alterTable } from './alter-table.ts'
import type { Context } from './effects.ts'
import { write } from './effects.ts'
import { dropObjects, dropRoles, truncate } from './drop-statements.ts'
import { alterFunction, callProcedure, createFunction, runBlock } from './function-statements.ts'
import { createIndex, createStatistics } from './indexes.ts'
import { constantText } from './text-names.ts'
import { createScope } from './scope.ts'
import { readQuery, readSelect } from './query.ts'
import {
  alterExtension,
  alterSequence,
  createCast,
  createExtension,
  createForeignTable,
  createOperatorClass,
  createOperatorFamily,
  createPublication,
  createSchema,
  createSequence,
  createServer,
  createWrapper,
  readRanges,
  setPath,
  setVariable,
} from './rare-statements.ts'
import { comment, rename, securityLabel, setOwner, setSchema } from './rename-statements.ts'
import { readRelation, strings } from './resolve.ts'
import { alterDefaultRights, alterRole, createRole, grant, grantRole } from './rights-statements.ts'
import { createTable } from './tables.ts'
import {
  alterEventTrigger,
  alterPolicy,
  createEventTrigger,
  createPolicy,
  createTrigger,
} from './trigger-statements.ts'
import {
  alterBaseType,
  alterDomain,
  alterEnum,
  createComposite,
  createDomain,
  createEnum,
  createRange,
  define,
} from './type-statements.ts'
import { createRule, createTableAs, createView, makeInto, refreshView } from './views.ts'

type Handlers = Readonly<Record<string, (context: Context, content: never) => void>>

const query = (tag: string) => (context: Context, content: unknown) => {
  readQuery({ context, use: 'run' }, { [tag]: content } as unknown as Node)
}

const handlers: Handlers = {
  SelectStmt: runSelect,
  InsertStmt: query('InsertStmt'),
  UpdateStmt: query('UpdateStmt'),
  DeleteStmt: query('DeleteStmt'),
  MergeStmt: query('MergeStmt'),
  TruncateStmt: truncate,
  CreateStmt: createTable,
  CreateForeignTableStmt: createForeignTable,
  CreateTableAsStmt: (context: Context, stmt: CreateTableAsStmt) => createTableAs(context, stmt),
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  CreateStatsStmt: createStatistics,
  ViewStmt: createView,
  RefreshMatViewStmt: refreshView,
  RuleStmt: createRule,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  CreateEnumStmt: createEnum,
  AlterEnumStmt: alterEnum,
  CreateDomainStmt: createDomain,
  AlterDomainStmt: alterDomain,
  CompositeTypeStmt: createComposite,
  CreateRangeStmt: createRange,
  AlterTypeStmt: alterBaseType,
  DefineStmt: define,
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: alterFunction,
  DoStmt: runBlock,
  CallStmt: callProcedure,
  CreateTrigStmt: createTrigger,
  CreateEventTrigStmt: createEventTrigger,
  AlterEventTrigStmt: alterEventTrigger,
  CreatePolicyStmt: createPolicy,
  AlterPolicyStmt: alterPolicy,
  DropStmt: dropObjects,
  DropRoleStmt: dropRoles,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  AlterOwnerStmt: setOwner,
  CommentStmt: comment,
  SecLabelStmt: securityLabel,
  GrantStmt: grant,
  GrantRoleStmt: grantRole,
  AlterDefaultPrivilegesStmt: alterDefaultRights,
  CreateRoleStmt: createRole,
  AlterRoleStmt: alterRole,
  AlterRoleSetStmt: alterRole,
  CreateSchemaStmt: createSchema,
  CreateExtensionStmt: createExtension,
  AlterExtensionStmt: alterExtension,
  AlterExtensionContentsStmt: alterExtension,
  VariableSetStmt: setVariable,
  CreateForeignServerStmt: createServer,
  CreateFdwStmt: createWrapper,
  CreatePublicationStmt: createPublication,
  CreateCastStmt: createCast,
  CreateOpClassStmt: createOperatorClass,
  CreateOpFamilyStmt: createOperatorFamily,
  ReindexStmt: readReindexed,
  ExplainStmt: (context: Context, { query: explained }: ExplainStmt) => {
    if (explained !== undefined) runStatement(context, explained)
  },
}

/** Kinds of statements whose effects are read from their text; all others only name relations. */
export const knownKinds: readonly string[] = Object.keys(handlers)

/** Reads one statement: notes what it does, and changes the catalog as the server would. */
export function runStatement(context: Context, node: Node): void {
  const [tag = '', content] = Object.entries(node)[0] ?? []
  const handler = handlers[tag] as ((context: Context, content: unknown) => void) | undefined
  if (handler === undefined) return readRanges(context, content)
  handler(context, content)
}

/** SELECT at the top: it may fill a table, call functions, or set the search path. */
function runSelect(context: Context, select: SelectStmt): void {
  const shape = readSelect({ context, use: 'run' }, select, createScope())
  const into = select.intoClause ?? select.larg?.intoClause
  if (into?.rel !== undefined) makeInto(context, { into, shape, deps: new Set(), isView: false })
  for (const target of select.targetList ?? []) {
    if (!('ResTarget' in target)) continue
    const { val } = target.ResTarget
    if (val !== undefined && 'FuncCall' in val) callAtTop(context, val.FuncCall)
  }
}

function callAtTop(context: Context, { funcname, args }: FuncCall): void {
  const name = strings(funcname).at(-1)
  const texts = (args ?? []).map(constantText)
  if (name === 'set_config' && texts[0] === 'search_path')
    setPath(
      context,
      (texts[1] ?? '').split(',').map((schema) => schema.trim().replaceAll('"', '')),
    )
  if (name === 'setval' && texts[0] !== undefined) context.effects.dataWrites.add(`d:${texts[0]}`)
}

function readReindexed(context: Context, { relation }: ReindexStmt): void {
  if (relation === undefined) return
  const found = readRelation(context, relation)
  if (found.kind === 'found') write(context, `${found.relation.key}#rebuilt`)
}
