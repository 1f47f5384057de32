import type { CompanyConnection } from '@studioops/contracts/company-model'
import type {
  ConnectionIdentity,
  ConnectionState,
  TestResult,
} from '@studioops/contracts/connections'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { ChatModel } from '../../integrations/llm/chat-model.ts'
import {
  createCompanyModel,
  type CompanySettings,
} from '../../integrations/llm/company/company-model.ts'
import type { CompanyFiles } from '../../integrations/llm/company/company-files.ts'
import {
  companyRepairPrompt,
  companySystemPrompt,
  type PromptFacts,
} from '../../integrations/llm/company/company-prompts.ts'
import {
  testCompanyModel,
  toCompanyRefusal,
} from '../../integrations/llm/company/test-company-model.ts'
import type { ModelError } from '../../integrations/llm/model-error.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import { isOtherSecret, type Keyring } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import { currentContext } from '../../platform/log/log.ts'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { AccountService } from '../accounts/index.ts'
import type { CompanyFilesService } from './company-model.files.ts'
import * as store from './company-model.store.ts'

/** The company model, opened for one person. */
export type OpenedCompanyModel = {
  readonly model: ChatModel
  systemPrompt(facts: PromptFacts): string
  repairPrompt(repair: { readonly problem: string; readonly language: Language }): string
  /** What a failure means for a person. */
  toRefusal(error: ModelError): AppError
  /** Real use is a test too. */
  noteUse(refusal: AppError | undefined): Promise<void>
}

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly attempts: Attempts
  readonly audit: Audit
  readonly outbound: Outbound
  readonly accounts: Pick<AccountService, 'dataKey' | 'knownAs'>
  readonly files: Pick<CompanyFilesService, 'current'>
}

export type CompanyModelService = ReturnType<typeof createCompanyModelService>

type Current = { readonly files: CompanyFiles; readonly since: Date | undefined }

/** Failures that say that the cookie itself is bad; others pass by. */
const cookieCodes: ReadonlySet<ErrorCode> = new Set([
  'company-model.cookie-refused',
  'company-model.other-person',
])

/** Each person's cookie for the company model, and what is known of it (CFG-14, CFG-19). */
export function createCompanyModelService(dependencies: Dependencies) {
  const { database, keyring, attempts, audit, outbound, accounts, files } = dependencies
  const place = (userId: string) => ({
    table: 'company_model_connections',
    column: 'encrypted_cookie',
    rowId: userId,
    userId,
  })

  async function settingsOf(
    userId: string,
    {
      current,
      language,
      cookie,
    }: { current: Current; language: Language; cookie?: string | undefined },
  ): Promise<CompanySettings> {
    const { person, row } = await database.asUser(userId, async (db) => ({
      person: await store.findPerson(db),
      row: await store.findConnection(db, userId),
    }))
    const stored = hasCookieFor(current, row) ? row : undefined
    const given = cookie === undefined ? await openCookie(userId, stored) : new Secret(cookie)
    if (given === undefined && current.files.needsCookie) {
      const facts = { name: current.files.config.name }
      throw new AppError('company-model.cookie-missing', { facts })
    }
    return {
      outbound,
      files: current.files,
      credentialKey: userId,
      person: { employeeId: person.employee_id, email: person.email, language, cookie: given },
    }
  }

  async function openCookie(
    userId: string,
    row: store.ConnectionRow | undefined,
  ): Promise<Secret | undefined> {
    const text = row?.encrypted_cookie
    if (text === undefined || text === null) return undefined
    return keyring.decrypt(await accounts.dataKey(userId), place(userId), text)
  }

  function requireConfigured(): Current {
    const current = files.current()
    if (current === undefined) throw new AppError('company-model.not-configured')
    return current
  }

  async function show(userId: string, language: Language): Promise<CompanyConnection> {
    const current = files.current()
    const row = await database.asUser(userId, (db) => store.findConnection(db, userId))
    return present({ current, row, language })
  }

  async function note(
    userId: string,
    failure: { code: ErrorCode; facts: Facts } | undefined,
    identity?: ConnectionIdentity,
  ): Promise<void> {
    if (failure !== undefined && !cookieCodes.has(failure.code)) return
    await database.asUser(userId, (db) =>
      failure === undefined
        ? store.notePassed(db, { userId, identity })
        : store.noteFailed(db, { userId, identity, ...failure }),
    )
  }

  return {
    show,

    /** Whether a cookie would take the place of another. */
    async isReplacing(userId: string, cookie: string | undefined): Promise<boolean> {
      const row = await database.asUser(userId, (db) => store.findConnection(db, userId))
      const text = row?.encrypted_cookie ?? null
      if (text === null) return false
      const key = await accounts.dataKey(userId)
      return isOtherSecret(cookie, () => keyring.decrypt(key, place(userId), text))
    },

    /**
     * The own cookie in clear, for who gave the password again (D-23).
     *
     * @throws AppError `company-model.cookie-missing`, `secret.locked`
     */
    async reveal(userId: string): Promise<{ secret: string }> {
      const row = await database.asUser(userId, (db) => store.findConnection(db, userId))
      const cookie = await openCookie(userId, row)
      if (cookie === undefined) {
        const facts = { name: files.current()?.files.config.name ?? '' }
        throw new AppError('company-model.cookie-missing', { facts })
      }
      const facts = { system: 'company-model', secret: 'cookie' }
      await audit.record({ actorId: userId, action: 'secret.reveal', outcome: 'done', facts })
      return { secret: cookie.reveal() }
    },

    /** @throws AppError `company-model.not-configured`, `request.invalid`, `secret.locked` */
    async save(userId: string, { cookie, language }: CookieForm) {
      const current = requireConfigured()
      if (cookie === undefined) {
        const shown = await show(userId, language)
        if (shown.setAt !== undefined) return shown
        throw new AppError('request.invalid', { fields: [cookieMissing] })
      }
      const secret = new Secret(cookie)
      const encrypted = keyring.encrypt(await accounts.dataKey(userId), place(userId), secret)
      await database.asUser(userId, async (db) => {
        await store.saveCookie(db, {
          userId,
          encrypted,
          hint: hintOf(cookie),
          origin: originOf(current),
        })
        const entry = { actorId: userId, action: 'connection.save', outcome: 'done' } as const
        await audit.record({ ...entry, target: 'connection:company-model' }, db)
      })
      return show(userId, language)
    },

    /** @throws AppError `request.too-many`, `company-model.not-configured`, `company-model.cookie-missing` */
    async test(userId: string, { cookie, language }: CookieForm): Promise<TestResult> {
      attempts.take('connection-test', userId)
      const current = requireConfigured()
      const settings = await settingsOf(userId, { current, language, cookie })
      const startedAt = performance.now()
      const reference = await accounts.knownAs(userId)
      const { steps, evidence, identity } = await testCompanyModel(settings, reference)
      const failure = steps.find(({ state }) => state === 'failed')?.failure
      if (cookie === undefined) await note(userId, failure, identity)
      const circumstances = { correlationId: currentContext()?.correlationId ?? '', language }
      return {
        passed: failure === undefined,
        testedAt: new Date().toISOString(),
        durationMs: Math.round(performance.now() - startedAt),
        steps: steps.map(({ step, state, durationMs, failure: why }) => ({
          step,
          state,
          ...(durationMs === undefined ? {} : { durationMs: Math.round(durationMs) }),
          ...(why && { problem: describeProblem(why.code, why.facts, circumstances) }),
        })),
        ...(evidence === undefined ? {} : { evidence }),
        ...(identity === undefined ? {} : { identity }),
      }
    },

    /**
     * Tries the stored cookie without being asked (OPS-9).
     *
     * @returns whether there was a verdict; a time-out says nothing about a cookie
     */
    async checkStored(userId: string): Promise<'passed' | 'failed' | 'no-verdict'> {
      const settings = await settingsOf(userId, { current: requireConfigured(), language: 'en' })
      const reference = await accounts.knownAs(userId)
      const { steps, identity } = await testCompanyModel(settings, reference)
      const failure = steps.find(({ state }) => state === 'failed')?.failure
      await note(userId, failure, identity)
      if (failure === undefined) return 'passed'
      return cookieCodes.has(failure.code) ? 'failed' : 'no-verdict'
    },

    async remove(userId: string, language: Language) {
      await database.asUser(userId, async (db) => {
        await store.removeConnection(db, userId)
        const entry = { actorId: userId, action: 'connection.remove', outcome: 'done' } as const
        await audit.record({ ...entry, target: 'connection:company-model' }, db)
      })
      return show(userId, language)
    },

    /**
     * The model for this person; undefined where the workspace has none.
     *
     * @throws AppError `company-model.cookie-missing`, `secret.locked`
     */
    async open(userId: string, language: Language): Promise<OpenedCompanyModel | undefined> {
      const current = files.current()
      if (current === undefined) return undefined
      const settings = await settingsOf(userId, { current, language })
      const { prompts, config } = current.files
      return {
        model: createCompanyModel(settings),
        systemPrompt: (facts) => companySystemPrompt(prompts, facts),
        repairPrompt: (repair) => companyRepairPrompt(prompts, repair),
        toRefusal: (error) => toCompanyRefusal(error, config.name),
        noteUse: (refusal) => note(userId, refusal),
      }
    },
  }
}

type CookieForm = { readonly cookie?: string | undefined; readonly language: Language }

const cookieMissing = {
  pointer: '/cookie',
  message_en: 'Paste the cookie.',
  message_he: 'יש להדביק את העוגייה.',
}

type Presenting = {
  readonly current: Current | undefined
  readonly row: store.ConnectionRow | undefined
  readonly language: Language
}

function present({ current, row, language }: Presenting): CompanyConnection {
  if (current === undefined) return { isConfigured: false, needsCookie: false, state: 'not-set' }
  const { config, needsCookie } = current.files
  return {
    isConfigured: true,
    name: config.name,
    needsCookie,
    state: stateOf(current, row),
    ...(hasCookieFor(current, row) && row.cookie_hint !== null
      ? { cookieHint: row.cookie_hint, setAt: row.set_at.toISOString() }
      : {}),
    ...(row === undefined ? {} : history(row, language)),
  }
}

function history(row: store.ConnectionRow, language: Language) {
  const { passed_at, failing_since, failure_code, failure_facts, identity } = row
  const circumstances = { correlationId: currentContext()?.correlationId ?? '', language }
  const facts = (failure_facts ?? {}) as unknown as Facts
  return {
    ...(passed_at === null ? {} : { lastPassedAt: passed_at.toISOString() }),
    ...(identity === null ? {} : { identity: identity as unknown as ConnectionIdentity }),
    ...(failing_since === null
      ? {}
      : {
          failingSince: failing_since.toISOString(),
          failure: describeProblem(knownCode(failure_code), facts, circumstances),
        }),
  }
}

function originOf({ files }: Current): string {
  return new URL(files.config.baseUrl).origin
}

/** The end of a cookie, where that leaves enough of it hidden. */
function hintOf(cookie: string): string {
  return cookie.length < 12 ? '' : cookie.slice(-4)
}

/** Whether there is a cookie, and it was pasted for the server that is configured now. */
function hasCookieFor(
  current: Current,
  row: store.ConnectionRow | undefined,
): row is store.ConnectionRow {
  if (row === undefined || row.encrypted_cookie === null) return false
  return row.cookie_origin === originOf(current)
}

/** What the last tests say; new files of the workspace are a change as well as a new cookie. */
function stateOf(current: Current, row: store.ConnectionRow | undefined): ConnectionState {
  const { files, since } = current
  const isSet = !files.needsCookie || hasCookieFor(current, row)
  if (!isSet) return 'not-set'
  if (row === undefined) return 'untested'
  const { passed_at: passedAt } = row
  if (row.failing_since !== null) return 'failing'
  if (passedAt === null) return 'untested'
  const changes = [row.set_at, ...(since === undefined ? [] : [since])]
  if (changes.some((changedAt) => changedAt > passedAt)) return 'changed'
  const identity = row.identity as unknown as ConnectionIdentity | null
  return identity?.verdict === 'unverifiable' ? 'unverified' : 'passed'
}
