import { createHash, randomBytes } from 'node:crypto'
import { limits } from '@studioops/contracts/limits'
import { ticketPrefix } from '@studioops/contracts/runs'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Authenticator, HttpRequest, Principal } from '../../platform/http/principal.ts'
import * as store from './runs.tickets.store.ts'

export type SocketTickets = ReturnType<typeof createSocketTickets>

type Dependencies = {
  readonly database: Database
  readonly authenticator: Pick<Authenticator, 'resume'>
  readonly clock?: () => Date
}

/**
 * Tickets that open one socket each. A browser sends no header of ours with a socket, and cookies to
 * whatever page asks for one; a ticket was given to our own page by a request that proved to be its
 * own (SEC-2), works on every node and port, and ends with the sign-in that it stands for.
 */
export function createSocketTickets({ database, authenticator, ...given }: Dependencies) {
  const clock = given.clock ?? (() => new Date())
  return {
    async make({ userId, sessionId }: Principal) {
      const ticket = randomBytes(32).toString('base64url')
      const expiresAt = new Date(clock().getTime() + limits.socketTicketSeconds * 1_000)
      await database.asUser(userId, (db) =>
        store.insertTicket(db, { hash: hashOf(ticket), userId, sessionId, expiresAt }),
      )
      return { ticket, expiresAt: expiresAt.toISOString() }
    },

    /** @throws AppError `socket.ticket-needed` */
    async take(request: HttpRequest): Promise<Principal> {
      const ticket = ticketIn(request.headers['sec-websocket-protocol'])
      const taken =
        ticket === undefined
          ? undefined
          : await database.asVisitor((db) => store.takeTicket(db, hashOf(ticket), clock()))
      const principal =
        taken === undefined
          ? undefined
          : await authenticator.resume(taken.user_id, taken.session_id)
      if (principal === undefined || principal.lacksSecondFactor)
        throw new AppError('socket.ticket-needed')
      return principal
    },
  }
}

function ticketIn(protocols: string | undefined): string | undefined {
  const names = protocols?.split(',').map((name) => name.trim()) ?? []
  return names.find((name) => name.startsWith(ticketPrefix))?.slice(ticketPrefix.length)
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex')
}
