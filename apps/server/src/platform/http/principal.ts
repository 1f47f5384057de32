import type { Role } from '@studioops/contracts/accounts'
import type { FastifyReply, FastifyRequest } from 'fastify'

export type HttpRequest = FastifyRequest
export type HttpResponse = FastifyReply

/** Who a request is from. */
export type Principal = {
  readonly userId: string
  readonly sessionId: string
  /** The sign-in from which the session comes; its id changes more often. */
  readonly family: string
  readonly role: Role
  /** Whether the password was given once more in the last minutes. */
  readonly isSteppedUp: boolean
  /** Whether a second factor is asked for that the person has not set up. */
  readonly lacksSecondFactor: boolean
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
  /** The sign-in that asked for something in its name, while it lives; undefined afterwards. */
  resume(userId: string, sessionId: string): Promise<Principal | undefined>
  /**
   * Calls back once when the sign-in has ended, for whatever reason and on whatever node, so that
   * what it holds open can be closed (ID-9).
   *
   * @returns ends the watching
   */
  whenEnded(principal: Principal, ended: () => void): () => void
}
