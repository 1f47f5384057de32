import { randomUUID } from 'node:crypto'
import type {
  Account,
  JiraFlavour,
  JiraIdentity,
  Preferences,
  Role,
} from '@studioops/contracts/accounts'
import { preferences as preferencesSchema } from '@studioops/contracts/accounts'
import type { Language, RegistrationWay } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { Reference } from '../../integrations/reach/compare-identity.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Passwords } from '../../platform/crypto/passwords.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import type { Log } from '../../platform/log/log.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { type DelayKey, type Delays } from './accounts.delays.ts'
import type { PasswordRules } from './accounts.password-rules.ts'
import type { SecondFactors } from './accounts.second-factor.ts'
import * as store from './accounts.store.ts'

/** Who Jira says that a token belongs to. Implemented over the Jira integration, in `app.ts`. */
export type AskJira = (question: {
  readonly jiraUrl: string
  readonly token: Secret
  readonly cloudEmail: string | undefined
}) => Promise<JiraAnswer>

export type JiraAnswer = {
  readonly identity: Omit<JiraIdentity, 'avatar'>
  readonly avatarUrl: string | undefined
  readonly avatar: { readonly bytes: Buffer; readonly mediaType: string } | undefined
}

/** What the workspace allows and becomes when somebody registers. */
export type Doorkeeper = {
  /** @throws AppError `jira.url-not-listed` */
  requireListed(jiraUrl: string): Promise<void>
  /**
   * The first person of all may come any way but by invitation.
   *
   * @throws AppError `registration.closed`
   */
  requireWay(way: RegistrationWay): Promise<void>
  /** In the transaction of the registration: the first person's Jira is the workspace's Jira. */
  settle(
    db: Parameters<typeof store.insertUser>[0],
    /** Absent for an account without Jira. */
    jiraUrl: string | undefined,
    isFirst: boolean,
  ): Promise<{ isDemo: boolean }>
}

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly passwords: Passwords
  readonly askJira: AskJira
  readonly doorkeeper: Doorkeeper
  readonly attempts: Attempts
  readonly delays: Delays
  readonly rules: PasswordRules
  readonly secondFactors: Pick<SecondFactors, 'require'>
  readonly audit: Audit
  readonly log: Log
  readonly clock?: () => Date
}

/** What the sealed ticket carries from the check of the token to the password. */
export type Ticket = {
  readonly identity: Omit<JiraIdentity, 'avatar'>
  readonly token: string
  readonly cloudEmail: string | null
  readonly avatarUrl: string | null
  readonly avatar: { readonly base64: string; readonly mediaType: string } | null
}

const ticketMinutes = 10

export type AccountService = ReturnType<typeof createAccountService>

export function createAccountService(dependencies: Dependencies) {
  const { database, keyring, passwords, askJira, doorkeeper, attempts, audit, log } = dependencies
  const { delays, rules, secondFactors } = dependencies
  const clock = dependencies.clock ?? (() => new Date())

  async function requireUser(userId: string, transaction?: Db) {
    const find = (db: Db) => store.findUser(db, userId)
    const user = await (transaction === undefined
      ? database.readAsUser(userId, find)
      : find(transaction))
    if (user === undefined) throw new AppError('session.required')
    return user
  }

  async function requireCode(userId: string, code: string | undefined): Promise<void> {
    try {
      await secondFactors.require(userId, code)
    } catch (error) {
      // That a code is asked for is no failure; a wrong one says that somebody knows the password.
      if (error instanceof AppError && error.code === 'login.code-wrong')
        await audit.record({
          action: 'session.begin',
          target: `user:${userId}`,
          outcome: 'refused',
          facts: { second_factor: 'wrong' },
        })
      throw error
    }
  }

  return {
    /**
     * Asks Jira whose token this is; nothing is stored (ID-1).
     *
     * @throws AppError `jira.*`, `request.too-many`
     */
    async checkToken(given: {
      jiraUrl: string
      token: string
      cloudEmail: string | undefined
      address: string
    }) {
      attempts.take('registration', given.address)
      const jiraUrl = given.jiraUrl.replace(/\/+$/, '')
      await doorkeeper.requireListed(jiraUrl)
      const token = new Secret(given.token)
      const { identity, avatarUrl, avatar } = await askJira({ ...given, jiraUrl, token })
      // A larger picture would not fit into the ticket; the page shows initials then.
      const small =
        avatar !== undefined && avatar.bytes.length <= limits.avatarBytesMax ? avatar : undefined
      const kept = small && { base64: small.bytes.toString('base64'), mediaType: small.mediaType }
      const ticket: Ticket = {
        identity,
        token: given.token,
        cloudEmail: given.cloudEmail ?? null,
        avatarUrl: avatarUrl ?? null,
        avatar: kept ?? null,
      }
      const until = new Date(clock().getTime() + ticketMinutes * 60_000)
      return {
        identity: {
          ...identity,
          ...(kept === undefined ? {} : { avatar: `data:${kept.mediaType};base64,${kept.base64}` }),
        },
        ticket: keyring.seal('registration', ticket, until),
        alreadyRegistered: await database.asVisitor((db) =>
          store.isRegistered(db, identity.employeeId),
        ),
      }
    },

    /**
     * Makes the account: first of all people the owner, members after that.
     *
     * @throws AppError `registration.expired`, `registration.closed`, `password.weak`,
     *   `password.common`, `account.exists`, `registration.email-needed`, `password.busy`
     */
    async register(given: {
      ticket: string
      password: string
      email: string | undefined
      language: Language | undefined
    }): Promise<{ employeeId: string }> {
      // Only this server can have sealed it, so it has the shape in which it was sealed.
      const ticket = keyring.unseal('registration', given.ticket, clock()) as Ticket | undefined
      if (ticket === undefined) throw new AppError('registration.expired')
      const { identity } = ticket
      const email = identity.email ?? given.email
      if (email === undefined)
        throw new AppError('registration.email-needed', { fields: [emailNeeded] })
      await doorkeeper.requireWay('jira_pat')
      const { employeeId, name, displayName } = identity
      await rules.require({
        password: given.password,
        pointer: '/password',
        context: [employeeId, name, displayName, email],
      })

      const id = randomUUID()
      const hashedPassword = await passwords.hash(given.password)
      const wrappedKey = keyring.createDataKey(id)
      const role = await database.asUser(id, async (db) => {
        await store.lockRegistration(db)
        const isFirst = (await store.countPeople(db)) === 0
        const { isDemo } = await doorkeeper.settle(db, identity.jiraUrl, isFirst)
        const user: store.NewUser = {
          id,
          employeeId: identity.employeeId.normalize('NFC'),
          name: identity.name.normalize('NFC'),
          displayName: identity.displayName.normalize('NFC'),
          email: email.normalize('NFC'),
          hashedPassword,
          jira: {
            encryptedJiraPat: keyring.encrypt(wrappedKey, jiraPlace(id), new Secret(ticket.token)),
            jiraUrl: identity.jiraUrl,
            jiraFlavour: identity.flavour,
            jiraLoginEmail: ticket.cloudEmail ?? undefined,
            jiraTokenHint: ticket.token.slice(-4),
            avatarUrl: ticket.avatarUrl ?? undefined,
            avatar:
              ticket.avatar === null
                ? undefined
                : {
                    bytes: Buffer.from(ticket.avatar.base64, 'base64'),
                    mediaType: ticket.avatar.mediaType,
                  },
          },
          wrappedKey,
          role: isFirst ? 'owner' : 'member',
          preferences: preferencesSchema.parse(
            given.language === undefined ? {} : { language: given.language },
          ),
          isDemo,
        }
        await store.insertUser(db, user).catch(translateExists)
        const facts = { role: user.role }
        await audit.record(
          { actorId: id, action: 'account.make', target: `user:${id}`, outcome: 'done', facts },
          db,
        )
        return user.role
      })
      log.info({ new_user_id: id, role }, 'account made')
      return { employeeId: identity.employeeId }
    },

    /**
     * Whose name and password these are, and code where there is a second factor. Unknown, ambiguous,
     * disabled and wrong are the same answer in the same time (ID-7). Who has signed in from this
     * browser before does not wait for the failures of others.
     *
     * @throws AppError `login.failed`, `login.code-needed`, `login.code-wrong`, `login.too-many`,
     *   `password.busy`
     */
    async checkPassword(given: SignInAttempt) {
      const username = given.username.normalize('NFC').trim()
      attempts.take('login-address', given.address)
      const candidates = await database.asVisitor((db) => store.findLogin(db, username))
      const only = candidates.length === 1 ? candidates[0] : undefined
      const keys = delayKeys(given, { name: username.toLowerCase(), userId: only?.id })
      const tried = await delays.begin(keys)
      const matches = await passwords.verify(given.password, only?.hashed_password)
      if (only === undefined || only.disabled || !matches) {
        await tried.fail()
        log.info({ outcome: 'refused' }, 'sign-in refused')
        const known = only === undefined ? {} : { target: `user:${only.id}` }
        await audit.record({ action: 'session.begin', outcome: 'refused', ...known })
        throw new AppError('login.failed')
      }
      await requireCode(only.id, given.code)
      await tried.succeed()
      await audit.record({ actorId: only.id, action: 'session.begin', outcome: 'done' })
      return { userId: only.id }
    },

    show: async (userId: string): Promise<Account> => present(await requireUser(userId)),

    avatar: (userId: string) => database.asUser(userId, (db) => store.findAvatar(db, userId)),

    async changePreferences(userId: string, change: PreferencesChange): Promise<Preferences> {
      const { preferences } = await requireUser(userId)
      const next = preferencesSchema.parse({ ...(preferences as object), ...change })
      await database.asUser(userId, (db) => store.updatePreferences(db, userId, next))
      return next
    },

    /**
     * The password once more, and the code where there is one, of somebody who is signed in.
     *
     * @throws AppError `login.failed`, `login.code-needed`, `login.code-wrong`, `login.too-many`,
     *   `password.busy`
     */
    async confirmPassword(userId: string, given: Proof): Promise<void> {
      const entry = {
        actorId: userId,
        action: 'session.step-up',
        target: `user:${userId}`,
      } as const
      const keys = [{ key: `confirm ${userId}`, free: 2 }]
      const tried = await delays.begin(keys)
      const user = await requireUser(userId)
      if (!(await passwords.verify(given.password, user.hashed_password))) {
        await tried.fail()
        await audit.record({ ...entry, outcome: 'refused' })
        throw new AppError('login.failed')
      }
      await secondFactors.require(userId, given.code)
      await tried.succeed()
      await audit.record({ ...entry, outcome: 'done' })
    },

    /** @throws AppError `login.failed`, `login.too-many`, `password.*` */
    async changePassword(userId: string, given: { current: string; next: string }): Promise<void> {
      const keys = [{ key: `confirm ${userId}`, free: 2 }]
      const tried = await delays.begin(keys)
      const user = await requireUser(userId)
      const entry = {
        actorId: userId,
        action: 'password.change',
        target: `user:${userId}`,
      } as const
      if (!(await passwords.verify(given.current, user.hashed_password))) {
        await tried.fail()
        await audit.record({ ...entry, outcome: 'refused' })
        throw new AppError('login.failed')
      }
      await tried.succeed()
      const context = [user.employee_id, user.name, user.display_name, user.email]
      await rules.require({ password: given.next, pointer: '/next', context })
      const hashed = await passwords.hash(given.next)
      await database.asUser(userId, async (db) => {
        await store.updatePassword(db, userId, hashed)
        await audit.record({ ...entry, outcome: 'done' }, db)
      })
    },

    /** The wrapped key under which the secrets of this person lie; in the transaction of the caller, if any. */
    dataKey: async (userId: string, transaction?: Db): Promise<string> =>
      (await requireUser(userId, transaction)).wrapped_key,

    /** @returns undefined where the person has not connected Jira */
    async findJiraConnection(userId: string): Promise<JiraConnection | undefined> {
      return jiraConnectionOf(await requireUser(userId))
    },

    /** Whom credentials for other systems are compared with: Jira's person, else the account (CFG-16). */
    async knownAs(userId: string): Promise<Reference> {
      const user = await requireUser(userId)
      const { email } = user
      const jira = jiraConnectionOf(user)
      if (jira === undefined) return { system: 'account', person: { email } }
      const kind = jira.flavour === 'cloud' ? ('cloud' as const) : ('data-center' as const)
      const id = { kind, value: jira.employeeId }
      return { system: 'jira', person: { id, email, name: jira.displayName } }
    },

    /** @throws AppError `jira.not-connected` */
    async jiraConnection(userId: string): Promise<JiraConnection> {
      return requireConnected(jiraConnectionOf(await requireUser(userId)))
    },

    /** Connects Jira to an account that was made without it; the identity becomes Jira's. */
    async connectJira(userId: string, given: NewJira): Promise<void> {
      const { wrapped_key: wrappedKey } = await requireUser(userId)
      const { identity, avatarUrl, avatar } = given.answer
      const connection = {
        employeeId: identity.employeeId.normalize('NFC'),
        name: identity.name.normalize('NFC'),
        displayName: identity.displayName.normalize('NFC'),
        encryptedJiraPat: keyring.encrypt(wrappedKey, jiraPlace(userId), given.token),
        jiraTokenHint: given.token.reveal().slice(-4),
        jiraUrl: identity.jiraUrl,
        jiraFlavour: identity.flavour,
        jiraLoginEmail: given.cloudEmail,
        avatarUrl,
        avatar,
      }
      await database.asUser(userId, async (db) => {
        await store.connectJira(db, userId, connection).catch(translateExists)
        const target = `user:${userId}`
        await audit.record(
          { actorId: userId, action: 'jira-token.replace', target, outcome: 'done' },
          db,
        )
      })
    },

    async replaceJiraToken(userId: string, token: Secret): Promise<void> {
      const { wrapped_key: wrappedKey } = await requireUser(userId)
      const encryptedJiraPat = keyring.encrypt(wrappedKey, jiraPlace(userId), token)
      const jiraTokenHint = token.reveal().slice(-4)
      await database.asUser(userId, async (db) => {
        await store.updateJiraToken(db, userId, { encryptedJiraPat, jiraTokenHint })
        const target = `user:${userId}`
        await audit.record(
          { actorId: userId, action: 'jira-token.replace', target, outcome: 'done' },
          db,
        )
      })
    },

    /**
     * What is needed to act in Jira as this person.
     *
     * @throws AppError `jira.not-connected`, `secret.locked`
     */
    async jiraAccess(userId: string): Promise<JiraAccess> {
      const user = await requireUser(userId)
      const { encryptedPat, ...connection } = requireConnected(jiraConnectionOf(user))
      return {
        ...connection,
        token: keyring.decrypt(user.wrapped_key, jiraPlace(userId), encryptedPat),
      }
    },
  }
}

export type SignInAttempt = {
  readonly username: string
  readonly password: string
  readonly code?: string | undefined
  readonly address: string
  /** Whether this person has signed in from this browser before. */
  readonly isKnownDevice: (userId: string) => boolean
}

type Tried = { readonly name: string; readonly userId: string | undefined }

/** By the name as it was typed: that two names wait together would tell that they are one person. */
function delayKeys(given: SignInAttempt, { name, userId }: Tried): DelayKey[] {
  if (userId !== undefined && given.isKnownDevice(userId))
    return [{ key: `device ${userId}`, free: 2 }]
  return [
    { key: `name ${name}`, free: 1 },
    { key: `address ${given.address}`, free: 10 },
  ]
}

/** What somebody shows to prove who it is. */
export type Proof = { readonly password: string; readonly code?: string | undefined }

type PreferencesChange = { readonly [K in keyof Preferences]?: Preferences[K] | undefined }

export type JiraAccess = JiraFacts & { readonly token: Secret }

export type JiraFacts = {
  readonly baseUrl: string
  readonly flavour: JiraFlavour
  readonly loginEmail: string | undefined
  readonly employeeId: string
  readonly displayName: string
}

function jiraPlace(userId: string) {
  return { table: 'users', column: 'encrypted_jira_pat', rowId: userId, userId }
}

export type JiraConnection = JiraFacts & {
  readonly encryptedPat: string
  /** The last four characters, for recognising it. */
  readonly tokenHint: string
  readonly setAt: Date
}

export type NewJira = {
  readonly answer: JiraAnswer
  readonly token: Secret
  readonly cloudEmail: string | undefined
}

function jiraConnectionOf(user: store.UserRow): JiraConnection | undefined {
  const { encrypted_jira_pat: encryptedPat, jira_url: baseUrl, jira_token_set_at: setAt } = user
  if (encryptedPat === null || baseUrl === null) return undefined
  return {
    baseUrl,
    encryptedPat,
    // The column's check constraint lists exactly these.
    flavour: user.jira_flavour as JiraFlavour,
    loginEmail: user.jira_login_email ?? undefined,
    employeeId: user.employee_id,
    displayName: user.display_name,
    tokenHint: user.jira_token_hint ?? '',
    setAt: setAt ?? user.created_at,
  }
}

function requireConnected(connection: JiraConnection | undefined): JiraConnection {
  if (connection === undefined) throw new AppError('jira.not-connected')
  return connection
}

const emailNeeded = {
  pointer: '/email',
  message_en: 'Type your e-mail address.',
  message_he: 'יש להקליד כתובת דוא״ל.',
}

export function translateExists(error: unknown): never {
  if (
    error instanceof Error &&
    'constraint' in error &&
    String(error.constraint).startsWith('users_')
  )
    throw new AppError('account.exists', { cause: error })
  throw error
}

function present(user: store.UserRow): Account {
  return {
    id: user.id,
    employeeId: user.employee_id,
    name: user.name,
    displayName: user.display_name,
    email: user.email,
    role: user.role as Role,
    ...(user.jira_url === null ? {} : { jiraUrl: user.jira_url }),
    ...(user.avatar_media_type === null ? {} : { avatarPath: '/api/account/avatar' }),
    preferences: preferencesSchema.parse(user.preferences),
    isDemo: user.is_demo,
    hasSecondFactor: user.second_factor_since !== null,
  }
}
