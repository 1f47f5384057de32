import { createHash, randomUUID } from 'node:crypto'
import { preferences as preferencesSchema, type Role } from '@studioops/contracts/accounts'
import type { Language } from '@studioops/contracts/installation'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Passwords } from '../../platform/crypto/passwords.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import { Secret } from '../../platform/secret/secret.ts'
import * as entryStore from './accounts.entry.store.ts'
import type { PasswordRules } from './accounts.password-rules.ts'
import type { SecondFactors } from './accounts.second-factor.ts'
import {
  type AccountService,
  type Doorkeeper,
  type Ticket,
  translateExists,
} from './accounts.service.ts'
import * as store from './accounts.store.ts'

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly passwords: Passwords
  readonly attempts: Attempts
  readonly audit: Audit
  readonly rules: PasswordRules
  readonly doorkeeper: Doorkeeper
  readonly secondFactors: Pick<SecondFactors, 'require'>
  readonly accounts: Pick<AccountService, 'show' | 'replaceJiraToken'>
  readonly clock?: () => Date
}

type LocalPerson = {
  readonly displayName: string
  readonly email: string
  readonly password: string
  readonly language?: Language | undefined
}

type NewPassword = { readonly password: string; readonly code?: string | undefined }

export type Entry = ReturnType<typeof createEntry>

/** The ways in that go past Jira: accounts of our own, invitations, and forgotten passwords (ID-15). */
export function createEntry(dependencies: Dependencies) {
  const { database, keyring, passwords, attempts, audit, rules, doorkeeper } = dependencies
  const { secondFactors, accounts } = dependencies
  const clock = dependencies.clock ?? (() => new Date())

  type Making = {
    readonly person: LocalPerson
    readonly roleOf: (db: Db, isFirst: boolean) => Promise<Role>
  }

  async function make({ person, roleOf }: Making): Promise<{ id: string; employeeId: string }> {
    const email = person.email.normalize('NFC')
    const displayName = person.displayName.normalize('NFC')
    await rules.require({
      password: person.password,
      pointer: '/password',
      context: [displayName, email],
    })
    const id = randomUUID()
    const hashedPassword = await passwords.hash(person.password)
    await database.asUser(id, async (db) => {
      await store.lockRegistration(db)
      const isFirst = (await store.countPeople(db)) === 0
      const role = await roleOf(db, isFirst)
      const { isDemo } = await doorkeeper.settle(db, undefined, isFirst)
      await store
        .insertUser(db, {
          id,
          // Jira gives another one where it is connected later.
          employeeId: email,
          name: email,
          displayName,
          email,
          hashedPassword,
          jira: undefined,
          wrappedKey: keyring.createDataKey(id),
          role,
          preferences: preferencesSchema.parse(
            person.language === undefined ? {} : { language: person.language },
          ),
          isDemo,
        })
        .catch(translateExists)
      const target = `user:${id}`
      const facts = { role, local: true }
      await audit.record(
        { actorId: id, action: 'account.make', target, outcome: 'done', facts },
        db,
      )
    })
    return { id, employeeId: email }
  }

  type Resetting = NewPassword & {
    readonly userId: string
    readonly proof: 'link' | 'jira'
    /** In the transaction: false where the proof was used meanwhile. */
    readonly take: (db: Db) => Promise<boolean>
  }

  async function reset(given: Resetting): Promise<{ employeeId: string }> {
    const { userId, password, proof } = given
    const { employeeId, name, displayName, email } = await accounts.show(userId)
    await rules.require({
      password,
      pointer: '/password',
      context: [employeeId, name, displayName, email],
    })
    await secondFactors.require(userId, given.code)
    const hashed = await passwords.hash(password)
    await database.asUser(userId, async (db) => {
      if (!(await given.take(db))) throw new AppError('reset.gone')
      await store.updatePassword(db, userId, hashed)
      await audit.record(
        {
          actorId: userId,
          action: 'password.reset',
          target: `user:${userId}`,
          outcome: 'done',
          facts: { proof },
        },
        db,
      )
    })
    return { employeeId }
  }

  return {
    /** The owner of a new installation, or a member where everybody may register. */
    async registerLocally(person: LocalPerson & { address: string }) {
      attempts.take('registration', person.address)
      await doorkeeper.requireWay('local')
      return make({ person, roleOf: async (_, isFirst) => (isFirst ? 'owner' : 'member') })
    },

    /** Without a person at a page: only where nobody is there yet. @returns undefined where somebody is */
    async makeOwner(person: LocalPerson): Promise<{ employeeId: string } | undefined> {
      if ((await database.asVisitor(store.countPeople)) > 0) return undefined
      return make({
        person,
        roleOf: async (_, isFirst) => {
          if (!isFirst) throw new AppError('registration.closed')
          return 'owner'
        },
      })
    },

    async lookUpInvitation({ token, address }: { token: string; address: string }) {
      attempts.take('registration', address)
      await doorkeeper.requireWay('invite')
      const found = await database.asVisitor((db) =>
        entryStore.findInvitation(db, linkHashOf(token), clock()),
      )
      if (found === undefined) throw new AppError('invitation.gone')
      return { email: found.email, role: found.role, expiresAt: found.expires_at.toISOString() }
    },

    async acceptInvitation(given: Omit<LocalPerson, 'email'> & { token: string; address: string }) {
      attempts.take('registration', given.address)
      await doorkeeper.requireWay('invite')
      const hash = linkHashOf(given.token)
      const invitation = await database.asVisitor((db) =>
        entryStore.findInvitation(db, hash, clock()),
      )
      if (invitation === undefined) throw new AppError('invitation.gone')
      return make({
        person: { ...given, email: invitation.email },
        roleOf: async (db) => {
          if (!(await entryStore.takeInvitation(db, hash, clock())))
            throw new AppError('invitation.gone')
          return invitation.role
        },
      })
    },

    /** @returns also the person, whose sessions are to end */
    async resetByLink(given: NewPassword & { token: string; address: string }) {
      attempts.take('registration', given.address)
      const hash = linkHashOf(given.token)
      const found = await database.asVisitor((db) => entryStore.findReset(db, hash, clock()))
      if (found === undefined) throw new AppError('reset.gone')
      const userId = found.user_id
      const take = (db: Db) => entryStore.takeReset(db, hash, clock())
      return { userId, ...(await reset({ ...given, userId, proof: 'link', take })) }
    },

    /** A fresh token of the same identity is proof, and takes the place of the one that was kept. */
    async resetByJira(given: NewPassword & { ticket: string }) {
      // Only this server can have sealed it, so it has the shape in which it was sealed.
      const ticket = keyring.unseal('registration', given.ticket, clock()) as Ticket | undefined
      if (ticket === undefined) throw new AppError('registration.expired')
      const userId = await database.asVisitor((db) =>
        entryStore.findJiraPerson(db, ticket.identity),
      )
      if (userId === undefined) throw new AppError('reset.gone')
      const done = await reset({ ...given, userId, proof: 'jira', take: async () => true })
      await accounts.replaceJiraToken(userId, new Secret(ticket.token))
      return { userId, ...done }
    },
  }
}

/** A link holds 256 bits; the database only what they become. */
export function linkHashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
