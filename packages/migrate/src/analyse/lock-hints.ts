import type { AlterTableStmt, Node } from 'libpg-query'
import type { Key } from './keys.ts'

/** PostgreSQL's table locks from weak to strong. */
export type LockMode =
  | 'ACCESS SHARE'
  | 'ROW SHARE'
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE'

/** The lock that a statement probably takes; what the shadow measured is right, this is a hint. */
export type LockHint = { readonly relation: Key; readonly mode: LockMode }

const byKind: Readonly<Record<string, LockMode>> = {
  InsertStmt: 'ROW EXCLUSIVE',
  UpdateStmt: 'ROW EXCLUSIVE',
  DeleteStmt: 'ROW EXCLUSIVE',
  MergeStmt: 'ROW EXCLUSIVE',
  SelectStmt: 'ACCESS SHARE',
  TruncateStmt: 'ACCESS EXCLUSIVE',
  CreateTrigStmt: 'SHARE ROW EXCLUSIVE',
  CreatePolicyStmt: 'ACCESS EXCLUSIVE',
  AlterPolicyStmt: 'ACCESS EXCLUSIVE',
  RuleStmt: 'ACCESS EXCLUSIVE',
  RenameStmt: 'ACCESS EXCLUSIVE',
  AlterObjectSchemaStmt: 'ACCESS EXCLUSIVE',
  CreateStatsStmt: 'SHARE UPDATE EXCLUSIVE',
  CommentStmt: 'SHARE UPDATE EXCLUSIVE',
  CreatePublicationStmt: 'SHARE UPDATE EXCLUSIVE',
  AlterSeqStmt: 'SHARE ROW EXCLUSIVE',
  ClusterStmt: 'ACCESS EXCLUSIVE',
  LockStmt: 'ACCESS EXCLUSIVE',
}

const weak: LockMode = 'SHARE UPDATE EXCLUSIVE'
const shared: LockMode = 'SHARE ROW EXCLUSIVE'

/** Subcommands of ALTER TABLE that need less than ACCESS EXCLUSIVE. */
const bySubtype: Readonly<Record<string, LockMode>> = {
  AT_SetStatistics: weak,
  AT_SetOptions: weak,
  AT_ResetOptions: weak,
  AT_ValidateConstraint: weak,
  AT_ClusterOn: weak,
  AT_DropCluster: weak,
  AT_SetRelOptions: weak,
  AT_ResetRelOptions: weak,
  AT_AttachPartition: weak,
  AT_EnableTrig: shared,
  AT_EnableAlwaysTrig: shared,
  AT_EnableReplicaTrig: shared,
  AT_EnableTrigAll: shared,
  AT_EnableTrigUser: shared,
  AT_DisableTrig: shared,
  AT_DisableTrigAll: shared,
  AT_DisableTrigUser: shared,
}

const strength: readonly LockMode[] = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  weak,
  'SHARE',
  shared,
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]

type Concurrent = { readonly concurrent?: boolean }
type Locks = Readonly<Record<string, (content: never) => LockMode | undefined>>
const full: LockMode = 'ACCESS EXCLUSIVE'

const byContent: Locks = {
  AlterTableStmt: lockOfAlter,
  IndexStmt: ({ concurrent }: Concurrent) => (concurrent === true ? weak : 'SHARE'),
  ReindexStmt: (content: object) =>
    JSON.stringify(content).includes('"concurrently"') ? weak : 'SHARE',
  RefreshMatViewStmt: ({ concurrent }: Concurrent) => (concurrent === true ? 'EXCLUSIVE' : full),
  DropStmt: ({ concurrent }: Concurrent) => (concurrent === true ? weak : full),
  VacuumStmt: (content: object) => (JSON.stringify(content).includes('"full"') ? full : weak),
}

/** The strongest lock on the relation that a statement is about; undefined where it takes none. */
export function lockOf(node: Node): LockMode | undefined {
  const [tag = '', content] = Object.entries(node)[0] ?? []
  const decide = byContent[tag] as ((value: unknown) => LockMode | undefined) | undefined
  return decide === undefined ? byKind[tag] : decide(content)
}

function lockOfAlter({ cmds, objtype }: AlterTableStmt): LockMode {
  if (objtype === 'OBJECT_INDEX') return weak
  const modes = (cmds ?? []).map((cmd) =>
    'AlterTableCmd' in cmd ? lockOfCommand(cmd.AlterTableCmd) : 'ACCESS EXCLUSIVE',
  )
  return strength.findLast((mode) => modes.includes(mode)) ?? 'ACCESS EXCLUSIVE'
}

function lockOfCommand({ subtype = '', def }: { subtype?: string; def?: Node }): LockMode {
  if (subtype === 'AT_AddConstraint') return isForeignKey(def) ? shared : full
  if (subtype === 'AT_DetachPartition') return detachesConcurrently(def) ? weak : full
  return bySubtype[subtype] ?? full
}

const isForeignKey = (def: Node | undefined) =>
  def !== undefined && 'Constraint' in def && def.Constraint.contype === 'CONSTR_FOREIGN'
const detachesConcurrently = (def: Node | undefined) =>
  def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true
