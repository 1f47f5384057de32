import { sql } from 'kysely'
import type { Database, Db } from './database.ts'

/** A role that serves people could see past the row policies; the message says which and why. */
export class UnsafeRole extends Error {
  override readonly name = 'UnsafeRole'
}

/**
 * Makes sure that the roles which serve people are held by the row policies: neither superuser nor
 * free of them, and owner of no table, themselves or through another role (security.md 5).
 *
 * @throws UnsafeRole
 */
export async function requireHeldRoles(database: Database): Promise<void> {
  const found = await Promise.all([database.asVisitor(readRole), database.asMaintenance(readRole)])
  for (const { role, reasons } of found)
    if (reasons.length > 0)
      throw new UnsafeRole(
        `The database role ${role} ${reasons.join(' and ')}, so the rows of one person would not be kept from another. Take that right from it (alter role ${role} nosuperuser nobypassrls; alter table … owner to …) and start again.`,
      )
}

type Held = { readonly role: string; readonly reasons: readonly string[] }

async function readRole(db: Db): Promise<Held> {
  const { rows } = await sql<{
    role: string
    is_super: boolean
    bypasses: boolean
    table_name: string | null
  }>`
    select rolname as role, rolsuper as is_super, rolbypassrls as bypasses,
      (select relname from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
         and pg_has_role(current_user, relowner, 'usage') limit 1) as table_name
    from pg_roles where rolname = current_user`.execute(db)
  const [row] = rows
  if (row === undefined) return { role: 'of the product', reasons: ['cannot be read'] }
  return {
    role: row.role,
    reasons: [
      ...(row.is_super ? ['is a superuser'] : []),
      ...(row.bypasses ? ['bypasses row policies'] : []),
      ...(row.table_name === null ? [] : [`owns the table ${row.table_name}`]),
    ],
  }
}
