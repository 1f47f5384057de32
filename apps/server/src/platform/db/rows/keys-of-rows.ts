import type pg from 'pg'

/** Which installation the rows belong to, and the fingerprints of the master keys that open them. */
export async function keysOf(client: pg.ClientBase): Promise<[id: string, keys: string[]]> {
  const { rows } = await client.query<{ id: string; keys: string[] }>(
    `select workspace.installation_id as id, array(
        select split_part(wrapped, '.', 2) from root_secrets
        union select split_part(wrapped_key, '.', 2) from users order by 1) as keys
     from workspace`,
  )
  return [rows[0]?.id ?? '', rows[0]?.keys ?? []]
}
