import { objectTo, type Objection } from '../objection.ts'
import { undoReasons } from './undo-reasons.ts'
import type { UndoRow } from './undo-rows.ts'

/** Which migrations are taken back. */
export type UndoSelection =
  /** The last so many that are completed. */
  | { readonly kind: 'steps'; readonly count: number }
  /** All that were completed after this one; `''`: all there are. */
  | { readonly kind: 'to'; readonly migration: string }
  | { readonly kind: 'ids'; readonly migrations: readonly string[] }

export type Chosen =
  /** The one to take back first comes first. */
  | { readonly kind: 'chosen'; readonly rows: readonly UndoRow[] }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

type Options = {
  readonly selection: UndoSelection
  readonly dependsOn?: (later: string, earlier: string) => string | undefined
}

/**
 * Chooses among what has run. One whose way back was interrupted comes before all others, because
 * nothing can be said about the schema until it is finished.
 */
export function chooseUndone(rows: readonly UndoRow[], options: Options): Chosen {
  const half = rows.filter(({ stepsUndone }) => stepsUndone !== undefined)
  const completed = rows.filter(({ status }) => status === 'completed')
  const picked = pick(completed, options.selection, half)
  if ('objections' in picked) return { kind: 'refused', objections: picked.objections }
  const chosen = new Set(picked.rows)
  const standing = completed.filter((row) => !chosen.has(row))
  const objections = picked.rows.flatMap((row) => neededBy(row, { standing, completed, options }))
  if (objections.length > 0) return { kind: 'refused', objections }
  return { kind: 'chosen', rows: [...half, ...picked.rows.toReversed()] }
}

type Picked = { readonly rows: readonly UndoRow[] } | { readonly objections: readonly Objection[] }

function pick(
  completed: readonly UndoRow[],
  selection: UndoSelection,
  half: readonly UndoRow[],
): Picked {
  const unknown = (migration: string, detail: string): Picked => ({
    objections: [objectTo(undoReasons.unknown, { migration }, { detail })],
  })
  switch (selection.kind) {
    case 'steps': {
      const count = Math.max(0, selection.count - half.length)
      return { rows: count === 0 ? [] : completed.slice(-count) }
    }
    case 'to': {
      const { migration } = selection
      if (migration === '') return { rows: completed }
      const at = completed.findIndex(({ name }) => name === migration)
      return at === -1
        ? unknown(migration, 'it is not completed')
        : { rows: completed.slice(at + 1) }
    }
    case 'ids': {
      const already = new Set(half.map(({ name }) => name))
      const names = selection.migrations.filter((name) => !already.has(name))
      const missing = names.find((name) => !completed.some((row) => row.name === name))
      if (missing !== undefined) return unknown(missing, 'it is not completed')
      return { rows: completed.filter(({ name }) => names.includes(name)) }
    }
  }
}

type Standing = {
  readonly standing: readonly UndoRow[]
  readonly completed: readonly UndoRow[]
  readonly options: Options
}

function neededBy(row: UndoRow, { standing, completed, options }: Standing): Objection[] {
  const later = standing.filter((one) => completed.indexOf(one) > completed.indexOf(row))
  for (const one of later) {
    const detail = reasonFor(one, row, options)
    if (detail !== undefined)
      return [objectTo(undoReasons.needed, { migration: row.name }, { detail, needer: one.name })]
  }
  return []
}

/** Without the files the ledger's word counts, which also holds what merely has the number before. */
function reasonFor(later: UndoRow, row: UndoRow, { dependsOn }: Options): string | undefined {
  if (dependsOn !== undefined) return dependsOn(later.name, row.name)
  return later.parents.includes(row.name) ? 'it says that it runs after it' : undefined
}
