import type { Role } from '@studioops/contracts/accounts'
import type { FastifyReply, FastifyRequest } from 'fastify'

export type HttpRequest = FastifyRequest
export type HttpResponse = FastifyReply

/** Who a request is from. */
export type Principal = {
  readonly userId: string
  readonly sessionId: string
  readonly role: Role
}

/**
 * Finds out who asks, and whether the page of this product asks for it.
 * Features provide it; the door only knows this much about people.
 */
export type Authenticator = {
  /** @returns undefined for a visitor. @throws AppError `session.expired` */
  identify(request: HttpRequest): Promise<Principal | undefined>
  /** @throws AppError `request.forged` when an unsafe request is not from our own page (SEC-2) */
  requireOwnPage(request: HttpRequest, principal: Principal | undefined): void
}
