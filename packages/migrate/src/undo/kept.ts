import type { PreImagePlan } from '../inverse/pre-image.ts'
import type { CapturedTable, TableAfter } from './capture.ts'

/** What one transaction of a migration kept, as the notes of its backup say it. */
export type KeptGroup = {
  /** Numbers of the statements of that transaction. */
  readonly first: number
  readonly last: number
  readonly kept: readonly Kept[]
  /** Backup of the transaction before it that kept something. */
  readonly previous?: string
}

/** What was kept of one thing; entries are names in the manifest of the backup. */
export type Kept =
  | {
      readonly kind: 'table'
      readonly plan: Extract<PreImagePlan, { kind: 'table' }>
      readonly entry: string
      readonly oid: string
      /** Numbers of its columns by their names; not of partitions, and not in old backups. */
      readonly numbers?: Readonly<Record<string, number>>
    }
  | {
      readonly kind: 'columns'
      readonly plan: Extract<PreImagePlan, { kind: 'columns' }>
      /** All columns where there is no key, else the key and the columns. */
      readonly entry: string
      /** Number of the table, and of its columns by their names; not in old backups. */
      readonly oid?: string
      readonly numbers?: Readonly<Record<string, number>>
      /** Where an earlier transaction had taken the key of the plan: what told rows apart then. */
      readonly key?: readonly string[]
      /** The same after the migration, where the columns still are, and what they are called. */
      readonly after?: {
        readonly entry: string
        /** Qualified and quoted. */
        readonly table: string
        /** By the names before. */
        readonly names: Readonly<Record<string, string>>
        /** Numbers of the table and of its columns, by the names before; not in old backups. */
        readonly oid?: string
        readonly numbers?: Readonly<Record<string, number>>
      }
    }
  | {
      readonly kind: 'rows'
      readonly plans: readonly Extract<PreImagePlan, { kind: 'rows' }>[]
      readonly entry: string
      readonly tables: readonly CapturedTable[]
      /** By OID; tables that are not here were dropped. */
      readonly after: Readonly<Record<string, TableAfter>>
      /** Tables that were written and not watched. */
      readonly unseen: readonly string[]
    }
  | { readonly kind: 'sequence'; readonly plan: Extract<PreImagePlan, { kind: 'sequence' }> }

const noteName = 'preImages'

export function notesOf(group: KeptGroup): Readonly<Record<string, unknown>> {
  return { [noteName]: group }
}

/** @returns undefined where a backup was made for something else */
export function keptGroupOf(notes: Readonly<Record<string, unknown>> | undefined) {
  const group = notes?.[noteName]
  const isGroup = typeof group === 'object' && group !== null && 'kept' in group
  return isGroup ? (group as KeptGroup) : undefined
}
