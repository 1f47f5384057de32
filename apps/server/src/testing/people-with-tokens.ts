import { randomUUID } from 'node:crypto'
import type { Keyring, Place } from '../platform/crypto/keyring.ts'
import { Secret } from '../platform/secret/secret.ts'
import type { TestDatabase } from './test-database.ts'

export function jiraTokenOf(userId: string): Place {
  return { table: 'users', column: 'encrypted_jira_pat', rowId: userId, userId }
}

/** People in the database, each with a token that is their own id. */
export async function givenPeopleWithTokens(
  copy: Pick<TestDatabase, 'asOwner'>,
  keyring: Keyring,
  count: number,
) {
  const people = Array.from({ length: count }, () => {
    const id = randomUUID()
    const wrapped = keyring.createDataKey(id)
    return { id, wrapped, token: keyring.encrypt(wrapped, jiraTokenOf(id), new Secret(id)) }
  })
  await copy.asOwner((db) =>
    db.query(
      `insert into users (id, employee_id, name, email, display_name, hashed_password, jira_url,
          jira_flavour, jira_token_hint, role, wrapped_key, encrypted_jira_pat)
        select id, id::text, '', id::text, '', '', '', 'dc', '', 'member', wrapped, token
        from unnest($1::uuid[], $2::text[], $3::text[]) as people (id, wrapped, token)`,
      [
        people.map(({ id }) => id),
        people.map(({ wrapped }) => wrapped),
        people.map(({ token }) => token),
      ],
    ),
  )
  return people
}
