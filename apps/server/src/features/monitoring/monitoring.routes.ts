import { createHash, timingSafeEqual } from 'node:crypto'
import * as api from '@studioops/contracts/monitoring'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../platform/errors/app-error.ts'
import { isLoopbackSocket, isOwnHost } from '../../platform/http/host-check.ts'
import type { Authenticator, Principal } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { Sockets } from '../../platform/http/sockets.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import type { Metrics } from '../../platform/telemetry/metrics.ts'
import type { MonitoringRoom, Seen } from './monitoring.room.ts'
import type { MonitoringService } from './monitoring.service.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly monitoring: MonitoringService
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  readonly room: MonitoringRoom
  readonly sockets: Sockets
  /** @throws AppError `socket.ticket-needed` */
  readonly takeTicket: (request: FastifyRequest) => Promise<Principal>
  /** @throws AppError `request.forged` for a page that is none of ours */
  readonly requireOwnOrigin: (request: FastifyRequest) => void
  /** On which programs of this machine need no sign-in (MON-1). */
  readonly realtimePort: number | undefined
  readonly metricsToken: Secret | undefined
}

const adminsOnly = { method: 'GET', access: 'admin' } as const

export function registerMonitoringRoutes(dependencies: Dependencies): void {
  const { router, http, authenticator, monitoring, metrics, metricsToken } = dependencies
  router.serve(api.getMonitoring, async () => monitoring.snapshot())
  router.serve(api.getMonitoringSeries, async ({ query }) => ({
    columns: [...api.seriesColumns],
    points: monitoring.points(query.step),
  }))
  router.serve(api.listMonitoringEvents, async ({ query, principal }) => ({
    events: await monitoring.list(principal.userId, query),
  }))

  http.get('/metrics', async (request, reply) => {
    if (!bringsToken(request, metricsToken)) await admit(adminsOnly, { request, authenticator })
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text())
  })

  serveRoom(dependencies)
}

function serveRoom({ http, sockets, room, authenticator, ...own }: Dependencies): void {
  http.get(api.monitoringSocketPath, async (request, reply) => {
    if (!sockets.isWaiting(request)) {
      await admit(adminsOnly, { request, authenticator })
      throw new AppError('socket.upgrade-needed')
    }
    const isLocal = isProgramOfHere(request, own.realtimePort)
    const principal = isLocal ? undefined : await requireAdmin(request, own)
    const socket = await sockets.accept(request, reply)
    if (principal !== undefined) {
      const unwatch = authenticator.whenEnded(principal, () => socket.close(sessionEnded))
      socket.once('close', unwatch)
    }
    room.enter(socket, seenOf(request))
    return reply
  })
}

/** Close code of ours, beside those of RFC 6455. */
const sessionEnded = 4401

async function requireAdmin(
  request: FastifyRequest,
  { takeTicket, requireOwnOrigin }: Pick<Dependencies, 'takeTicket' | 'requireOwnOrigin'>,
): Promise<Principal> {
  requireOwnOrigin(request)
  const principal = await takeTicket(request)
  request.work.userId = principal.userId
  if (principal.role !== 'owner' && principal.role !== 'admin')
    throw new AppError('session.not-allowed')
  return principal
}

/**
 * The port listens on loopback alone. A page brings its origin along, and a name that points here by
 * DNS rebinding is none of ours; what a proxy of this machine passes on comes to the main port.
 */
function isProgramOfHere(request: FastifyRequest, realtimePort: number | undefined): boolean {
  const { headers, raw } = request
  return (
    realtimePort !== undefined &&
    raw.socket.localPort === realtimePort &&
    isLoopbackSocket(request) &&
    headers.origin === undefined &&
    headers['x-forwarded-for'] === undefined &&
    isOwnHost(request.host, { allowed: [], isLocal: true })
  )
}

function seenOf({ query }: FastifyRequest): Seen {
  const { bootId, cursor, at } = query as Readonly<Record<string, unknown>>
  return {
    bootId: typeof bootId === 'string' ? bootId : undefined,
    cursor: wholeOf(cursor),
    at: wholeOf(at),
  }
}

function wholeOf(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function bringsToken({ headers }: FastifyRequest, token: Secret | undefined): boolean {
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
  if (token === undefined || given === undefined) return false
  return timingSafeEqual(hashOf(given), hashOf(token.reveal()))
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
