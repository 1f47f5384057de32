import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export async function insertTicket(
  db: Db,
  ticket: { hash: string; userId: string; sessionId: string; expiresAt: Date },
): Promise<void> {
  await db
    .insertInto('socket_tickets')
    .values({
      ticket_hash: ticket.hash,
      user_id: ticket.userId,
      session_id: ticket.sessionId,
      expires_at: ticket.expiresAt,
    })
    .execute()
}

/** Before anybody is known. @returns undefined for what is no ticket, or not any more */
export async function takeTicket(db: Db, hash: string, now: Date) {
  const { rows } = await sql<{ user_id: string; session_id: string }>`
    select user_id, session_id from take_socket_ticket(${hash}, ${now})`.execute(db)
  return rows[0]
}

/** @returns how many nobody took */
export async function deleteOldTickets(db: Db, now: Date): Promise<number> {
  const deleted = await db
    .deleteFrom('socket_tickets')
    .where('expires_at', '<', now)
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
