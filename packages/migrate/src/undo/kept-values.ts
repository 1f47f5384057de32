import { quoteName } from '../catalog/identifier.ts'
import type { BackupColumn } from '../backup/manifest.ts'

/** What was kept of columns of a table, in a temporary table of the open transaction. */
export type KeptValues = {
  readonly source: string
  readonly entry: readonly BackupColumn[]
  readonly columns: readonly string[]
  /** Empty: `entry` has every column of the table. */
  readonly key: readonly string[]
}

/** Where the values of a column are that had gone when its row was imaged. */
export type Fallback = {
  /** By the name of the column. */
  readonly values: ReadonlyMap<string, string>
  /** To be put behind the source of the images. */
  readonly joins: string
  /** What the joins compare, of an image; undefined where they compare keys. */
  readonly shown: string | undefined
}

const none: Fallback = { values: new Map(), joins: '', shown: undefined }

/**
 * Finds the values by the key of the row.
 *
 * @param key names of the key and how its values are read from the image, without a type
 */
export function byKeyOf(kept: readonly KeptValues[], key: ReadonlyMap<string, string>): Fallback {
  const fitting = kept.filter(
    (one) => one.key.length === key.size && one.key.every((name) => key.has(name)),
  )
  return {
    ...none,
    values: valuesOf(fitting),
    joins: fitting
      .map(({ source, entry, key: names }, no) => {
        const types = new Map(entry.map(({ name, type }) => [name, type]))
        const same = names.map(
          (name) => `k${no}.${quoteName(name)} = (${key.get(name)})::${types.get(name)}`,
        )
        return ` left join ${source} k${no} on ${same.join(' and ')}`
      })
      .join(''),
  }
}

/**
 * Finds the values of rows without a key by everything else that they hold; those that are alike may
 * exchange them.
 *
 * @param read how the columns of the table are read from the image, by name
 */
export function byContentOf(
  kept: readonly KeptValues[],
  read: ReadonlyMap<string, string>,
): Fallback {
  const fitting = kept.filter(({ key }) => key.length === 0)
  if (fitting.length === 0) return none
  const gone = new Set(fitting.flatMap(({ columns }) => columns))
  const shared = [...read.keys()].filter(
    (name) =>
      !gone.has(name) && fitting.every(({ entry }) => entry.some((one) => one.name === name)),
  )
  const content = `row(${shared.map((name) => `r.${quoteName(name)}`).join(', ')})::text`
  return {
    values: valuesOf(fitting),
    joins: fitting
      .map(
        ({ source }, no) => ` left join (select ${content} as shown, pg_catalog.row_number()
          over (partition by ${content}) as no, r.* from ${source} r) k${no} using (shown, no)`,
      )
      .join(''),
    shown: `row(${shared.map((name) => read.get(name)).join(', ')})::text`,
  }
}

function valuesOf(kept: readonly KeptValues[]): Map<string, string> {
  return new Map(
    kept.flatMap(({ columns }, no) => columns.map((name) => [name, `k${no}.${quoteName(name)}`])),
  )
}
