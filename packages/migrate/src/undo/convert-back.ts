import { inPortions, recordsSql } from '../backup/insert-lines.ts'
import { readEntryLines } from '../backup/read-rows.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readRelation } from './relation.ts'
import type { ColumnsKept } from './restore-columns.ts'

/** A step that gives a column the type back that it had. */
export type Conversion = {
  /** As it stands in the statement: qualified and quoted. */
  readonly table: string
  /** Unquoted. */
  readonly column: string
  readonly type: string
}

const conversion =
  /^alter table (?<table>(?:"(?:[^"]|"")*"|[^\s"])+) alter column (?<column>"(?:[^"]|"")*"|[^\s"]+) type (?<type>.*?)(?: using .*)?$/s

/** Reads what the generator of inverses writes; undefined for every other statement. */
export function conversionOf(text: string): Conversion | undefined {
  const { table, column, type } = conversion.exec(text)?.groups ?? {}
  if (table === undefined || column === undefined || type === undefined) return undefined
  const name = column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column
  return { table, column: name, type }
}

/**
 * Gives a column its type back where its values can no longer be converted: every row gets the value
 * that was kept of it. Rows that came since are converted as far as that goes, and are empty else;
 * what has to have a value then refuses.
 */
export async function convertFromKept(
  query: Query,
  { table, column, type }: Conversion,
  kept: ColumnsKept,
): Promise<void> {
  const { plan, entry: entryName } = kept.kept
  const relation = await readRelation(query, table)
  const entry = kept.place.manifest.entries.find(({ name }) => name === entryName)
  if (relation === undefined || entry === undefined) throw new Error(`${table} is not there`)
  const names = `studioops_values_${kept.no}`
  const plain = type.replace(/ collate (?:"(?:[^"]|"")*"|[^\s"]+)(?:\.\S+)?$/, '')
  const key = relation.key.filter((name) => plan.key.includes(name))
  const hasKey = plan.key.length > 0 && key.length === plan.key.length
  await query(
    `create temporary table ${names} (key jsonb primary key, value ${plain}) on commit drop`,
  )
  const keyText = (prefix: string, list: readonly string[]) =>
    `pg_catalog.jsonb_build_array(${list.map((name) => `pg_catalog.concat(${prefix}${quoteName(name)})`).join(', ')})`
  if (hasKey) {
    const text = `insert into pg_temp.${names} select ${keyText('r.', plan.key)},
      r.${quoteName(column)}::${plain} from ${recordsSql(entry.columns)}`
    for await (const lines of inPortions(readEntryLines(kept.place.location, entry)))
      await query(text, [`[${lines.join(',')}]`])
  }
  await query(functionSql({ names, type: plain }))
  const key2 = hasKey ? keyText('', plan.key) : `'[]'::jsonb`
  await query(
    `alter table ${table} alter column ${quoteName(column)} type ${type}
       using pg_temp.${names}_of(${key2}, ${quoteName(column)}::text)`,
  )
  await query(`drop function pg_temp.${names}_of(jsonb, text)`)
}

function functionSql({ names, type }: { readonly names: string; readonly type: string }): string {
  const body = `
    declare found_value ${type};
    begin
      select v.value into found_value from pg_temp.${names} v where v.key = wanted;
      if found then return found_value; end if;
      begin
        return now_text::${type};
      exception when data_exception or check_violation or cannot_coerce then
        return null;
      end;
    end`
  return `create function pg_temp.${names}_of(wanted jsonb, now_text text) returns ${type}
    language plpgsql as ${quoteText(body)}`
}
