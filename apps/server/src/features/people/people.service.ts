import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Role } from '@studioops/contracts/accounts'
import type { RegistrationWay } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { Invitation, Person } from '@studioops/contracts/people'
import type { Audit } from '../../platform/audit/audit.ts'
import type { AuditAction } from '@studioops/contracts/audit'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import * as store from './people.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  /** @throws AppError `registration.closed` */
  readonly requireWay: (way: RegistrationWay) => Promise<void>
  /** Tells this process at once that sessions of others have ended. */
  readonly sessionsEnded: () => void
  readonly clock?: () => Date
}

type Change = { readonly role?: Role | undefined; readonly isDisabled?: boolean | undefined }

export type PeopleService = ReturnType<typeof createPeopleService>

/**
 * The people of the workspace, for those who run it (ID-14, ID-15). What they may see and change is
 * decided once more by functions in the database; nobody's secrets are among it.
 */
export function createPeopleService(dependencies: Dependencies) {
  const { database, audit, requireWay, sessionsEnded } = dependencies
  const clock = dependencies.clock ?? (() => new Date())

  async function all(db: Db, userId: string): Promise<Person[]> {
    return (await store.listPeople(db)).map((row) => present(row, userId))
  }

  async function find(db: Db, userId: string, id: string): Promise<Person> {
    const found = (await all(db, userId)).find((person) => person.id === id)
    if (found === undefined) throw new AppError('person.not-found')
    return found
  }

  type Deed = {
    readonly userId: string
    readonly personId: string
    readonly action: AuditAction
    readonly work: (db: Db) => Promise<boolean>
  }

  async function decide({ userId, personId, action, work }: Deed): Promise<Person> {
    const entry = { actorId: userId, action, target: `user:${personId}` } as const
    return database.asUser(userId, async (db) => {
      await find(db, userId, personId)
      if (!(await work(db))) throw new AppError('person.not-allowed')
      const after = await find(db, userId, personId)
      await audit.record({ ...entry, outcome: 'done' }, db)
      return after
    })
  }

  async function list(userId: string): Promise<Invitation[]> {
    const rows = await database.asUser(userId, store.listInvitations)
    return rows.map((row) => presentInvitation(row, clock()))
  }

  return {
    list: (userId: string) => database.asUser(userId, (db) => all(db, userId)),

    /** @throws AppError `person.*` */
    async change(userId: string, personId: string, change: Change): Promise<Person> {
      const person = await database.asUser(userId, async (db) => {
        const before = await find(db, userId, personId)
        const role = change.role ?? before.role
        const isDisabled = change.isDisabled ?? before.isDisabled
        const verdict = await store.changePerson(db, { id: personId, role, isDisabled })
        if (verdict !== 'done') throw new AppError(`person.${verdict}`)
        const after = await find(db, userId, personId)
        for (const action of actionsOf(before, { role, isDisabled }))
          await audit.record(
            {
              actorId: userId,
              action,
              target: `user:${personId}`,
              outcome: 'done',
              facts: { from: before.role, to: role },
            },
            db,
          )
        return after
      })
      sessionsEnded()
      return person
    },

    /** @throws AppError `person.*` */
    async endSessions(userId: string, personId: string): Promise<Person> {
      const person = await decide({
        userId,
        personId,
        action: 'session.revoke',
        work: (db) => store.endSessionsOf(db, personId),
      })
      sessionsEnded()
      return person
    },

    /** @throws AppError `person.*` */
    removeSecondFactor: (userId: string, personId: string): Promise<Person> =>
      decide({
        userId,
        personId,
        action: 'factor.remove',
        work: (db) => store.removeSecondFactorOf(db, personId),
      }),

    /** @throws AppError `person.*` */
    async offerReset(userId: string, personId: string) {
      const token = makeToken()
      const until = new Date(clock().getTime() + limits.passwordResetMinutes * 60_000)
      await decide({
        userId,
        personId,
        action: 'password.reset',
        work: (db) => store.offerReset(db, { id: personId, hash: hashOf(token), until }),
      })
      return { path: `/reset#${token}`, expiresAt: until.toISOString() }
    },

    invitations: list,

    /** @throws AppError `registration.closed`, `person.not-allowed` */
    async invite(
      { userId, role: own }: { userId: string; role: Role },
      { email, role }: { email: string; role: Role },
    ) {
      await requireWay('invite')
      if (role === 'owner' && own !== 'owner') throw new AppError('person.not-allowed')
      const token = makeToken()
      const id = randomUUID()
      const now = clock()
      const expiresAt = new Date(now.getTime() + limits.invitationDays * 86_400_000)
      await database.asUser(userId, async (db) => {
        const hash = hashOf(token)
        await store.insertInvitation(db, {
          id,
          hash,
          email: email.normalize('NFC'),
          role,
          invitedBy: userId,
          now,
          expiresAt,
        })
        const entry = { actorId: userId, action: 'account.invite', outcome: 'done' } as const
        await audit.record({ ...entry, target: `invitation:${id}`, facts: { role } }, db)
      })
      const invitation: Invitation = {
        id,
        email,
        role,
        createdAt: now.toISOString(),
        expiresAt: expiresAt.toISOString(),
        state: 'open',
      }
      return { invitation, path: `/invitation#${token}` }
    },

    async revokeInvitation(userId: string, id: string): Promise<Invitation[]> {
      await database.asUser(userId, async (db) => {
        if (!(await store.revokeInvitation(db, id, clock()))) return
        const entry = { actorId: userId, action: 'account.invite', outcome: 'done' } as const
        await audit.record({ ...entry, target: `invitation:${id}`, facts: { revoked: true } }, db)
      })
      return list(userId)
    },
  }
}

function actionsOf(before: Person, after: { role: Role; isDisabled: boolean }): AuditAction[] {
  return [
    ...(before.role === after.role ? [] : (['account.change-role'] as const)),
    ...(before.isDisabled === after.isDisabled
      ? []
      : ([after.isDisabled ? 'account.disable' : 'account.enable'] as const)),
  ]
}

function present(row: store.PersonRow, userId: string): Person {
  return {
    id: row.id,
    employeeId: row.employee_id,
    displayName: row.display_name,
    email: row.email,
    // The column's check constraint lists exactly these.
    role: row.role as Role,
    isYou: row.id === userId,
    isDisabled: row.disabled_at !== null,
    hasJira: row.jira_url !== null,
    hasSecondFactor: row.has_second_factor,
    sessions: row.live_sessions,
    ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at.toISOString() }),
    joinedAt: row.created_at.toISOString(),
    broken: row.broken.map(({ system, since }) => ({
      system,
      since: new Date(since).toISOString(),
    })),
  }
}

function presentInvitation(row: store.InvitationRow, now: Date): Invitation {
  return {
    id: row.id,
    email: row.email,
    role: row.role as Role,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    state: stateOf(row, now),
  }
}

function stateOf(row: store.InvitationRow, now: Date): Invitation['state'] {
  if (row.used_at !== null) return 'used'
  if (row.revoked_at !== null) return 'revoked'
  return row.expires_at > now ? 'open' : 'expired'
}

function makeToken(): string {
  return randomBytes(32).toString('base64url')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
