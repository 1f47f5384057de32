import { createHmac } from 'node:crypto'
import type { ConnectionState, TestResult } from '@studioops/contracts/connections'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import { LRUCache } from 'lru-cache'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import { currentContext } from '../../platform/log/log.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type {
  AccountService,
  AskJira,
  JiraAccess,
  JiraConnection,
  JiraFacts,
} from '../accounts/index.ts'
import { gates, stateOf } from './connections.policy.ts'
import * as store from './connections.store.ts'
import type { System } from './connections.store.ts'

type Step = TestResult['steps'][number]

/** What a test of a connection found, in our words. */
export type TestOutcome = {
  readonly steps: readonly {
    readonly step: Step['step']
    readonly state: Step['state']
    readonly durationMs?: number
    readonly failure?: { readonly code: ErrorCode; readonly facts: Facts }
  }[]
  readonly evidence?: string
  readonly models?: readonly string[]
  /** Whom the token belongs to, where that was found out. */
  readonly employeeId?: string
}

export type ModelSettings = {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: Secret | undefined
}

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly attempts: Attempts
  readonly audit: Audit
  readonly accounts: Pick<
    AccountService,
    'jiraAccess' | 'findJiraConnection' | 'replaceJiraToken' | 'connectJira' | 'dataKey'
  >
  /** Whom a token belongs to at an address that the workspace lists. @throws AppError `jira.*` */
  readonly askJira: (userId: string, question: Parameters<AskJira>[0]) => ReturnType<AskJira>
  readonly testJira: (access: JiraAccess) => Promise<TestOutcome>
  readonly testModel: (settings: ModelSettings) => Promise<TestOutcome>
  /** The company's model, which writes for those who have connected none of their own. */
  readonly companyModel: { state(userId: string): Promise<ConnectionState> }
}

type JiraForm = {
  readonly token: string
  readonly jiraUrl?: string | undefined
  readonly cloudEmail?: string | undefined
}

type FirstJira = {
  readonly token: Secret
  readonly jiraUrl: string | undefined
  readonly cloudEmail: string | undefined
}

type ModelForm = { baseUrl: string; model: string; apiKey?: string | undefined }

/** Failures that say that the credential itself is bad; others pass by and do not close a gate. */
const credentialCodes: ReadonlySet<ErrorCode> = new Set([
  'jira.bad-token',
  'jira.inactive',
  'jira.deleted',
  'jira.captcha',
  'jira.forbidden',
  'jira.login-page',
  'model.auth',
  'model.unknown-model',
  'model.quota',
])

/** What was tested within this time and is then saved unchanged counts as tested. */
const testCountsMs = 10 * 60_000

export type ConnectionService = ReturnType<typeof createConnectionService>

export function createConnectionService(dependencies: Dependencies) {
  const { database, keyring, attempts, audit, accounts, askJira, testJira, testModel } =
    dependencies
  const fingerprintKey = keyring.deriveKey('tested settings')
  const passedSettings = new LRUCache<string, string>({ max: 1_000, ttl: testCountsMs })
  const fingerprintOf = ({ baseUrl, model, apiKey }: ModelSettings) =>
    createHmac('sha256', fingerprintKey)
      .update(JSON.stringify([baseUrl, model, apiKey?.reveal() ?? '']))
      .digest('base64url')
  const keyPlace = (userId: string) => ({
    table: 'model_connections',
    column: 'encrypted_key',
    rowId: userId,
    userId,
  })

  async function readModel(userId: string): Promise<ModelSettings | undefined> {
    const [row, wrapped] = await Promise.all([
      database.readAsUser(userId, (db) => store.findModel(db, userId)),
      accounts.dataKey(userId),
    ])
    if (row === undefined) return undefined
    const apiKey =
      row.encrypted_key === null
        ? undefined
        : keyring.decrypt(wrapped, keyPlace(userId), row.encrypted_key)
    return { baseUrl: row.base_url, model: row.model, apiKey }
  }

  /** An absent key of the form means the stored one, if that is for the same server. */
  async function settingsOf(userId: string, form: ModelForm): Promise<ModelSettings> {
    const baseUrl = form.baseUrl.replace(/\/+$/, '')
    if (form.apiKey !== undefined) {
      const apiKey = form.apiKey === '' ? undefined : new Secret(form.apiKey)
      return { baseUrl, model: form.model, apiKey }
    }
    const stored = await readModel(userId)
    const isSameServer =
      stored !== undefined && new URL(stored.baseUrl).origin === new URL(baseUrl).origin
    return { baseUrl, model: form.model, apiKey: isSameServer ? stored.apiKey : undefined }
  }

  async function note(userId: string, system: System, failure: Failure | undefined) {
    await database.writeAsUser(userId, (db) =>
      failure === undefined
        ? store.notePassed(db, { userId, system })
        : store.noteFailed(db, { userId, system, ...failure }),
    )
  }

  async function show(userId: string, language: Language) {
    const jira = await accounts.findJiraConnection(userId)
    const { model, checks } = await database.asUser(userId, async (db) => ({
      model: await store.findModel(db, userId),
      checks: await store.findChecks(db, userId),
    }))
    const of = (system: System) => checks.find((check) => check.system === system)
    const jiraCheck = of('jira')
    return {
      jira:
        jira === undefined
          ? { state: 'not-set' as const }
          : describeJira(jira, jiraCheck, language),
      model:
        model === undefined
          ? { state: 'not-set' as const }
          : {
              baseUrl: model.base_url,
              model: model.model,
              ...(model.key_hint === null ? {} : { keyHint: model.key_hint }),
              setAt: model.set_at.toISOString(),
              ...describeCheck(of('model'), language),
            },
    }
  }

  async function connectFirst(userId: string, given: FirstJira): Promise<JiraFacts> {
    const { jiraUrl, token, cloudEmail } = given
    if (jiraUrl === undefined) throw new AppError('jira.not-connected')
    const answer = await askJira(userId, {
      jiraUrl: jiraUrl.replace(/\/+$/, ''),
      token,
      cloudEmail,
    })
    await accounts.connectJira(userId, { answer, token, cloudEmail })
    return accounts.jiraAccess(userId)
  }

  return {
    show,
    readModel,

    async features(userId: string) {
      const { jira, model } = await show(userId, 'en')
      const isOwn = model.state !== 'not-set'
      const state = isOwn ? model.state : await dependencies.companyModel.state(userId)
      return gates({ jira: jira.state, model: state })
    },

    /** @throws AppError `feature.closed` when Jira does not accept the person's token any more */
    async requireOpen(userId: string): Promise<void> {
      const [jira, checks] = await Promise.all([
        accounts.findJiraConnection(userId),
        database.readAsUser(userId, (db) => store.findChecks(db, userId)),
      ])
      const isFailing = checks.some(
        ({ system, failing_since }) => system === 'jira' && failing_since !== null,
      )
      if (jira === undefined || isFailing)
        throw new AppError('feature.closed', { facts: { missing: 'Jira' } })
    },

    /** @throws AppError `request.too-many`, `secret.locked` */
    async testJira(
      userId: string,
      { token, language }: { token: string | undefined; language: Language },
    ) {
      attempts.take('connection-test', userId)
      const stored = await accounts.jiraAccess(userId)
      const access = token === undefined ? stored : { ...stored, token: new Secret(token) }
      const { result, failure } = await timed(() => testJira(access), language)
      if (token === undefined && isAboutCredential(failure)) await note(userId, 'jira', failure)
      return result
    },

    /**
     * A new token of the same person, or the first one of an account that was made without Jira.
     *
     * @throws AppError `jira.other-person`, `jira.not-connected`, `jira.*`, `account.exists`,
     *   `request.too-many`
     */
    async replaceJiraToken(
      userId: string,
      { token, jiraUrl, cloudEmail, language }: JiraForm & { language: Language },
    ) {
      attempts.take('connection-test', userId)
      const secret = new Secret(token)
      const stored = await accounts.findJiraConnection(userId)
      const access = await (stored ?? connectFirst(userId, { token: secret, jiraUrl, cloudEmail }))
      const { result, outcome } = await timed(
        () => testJira({ ...access, token: secret }),
        language,
      )
      if (outcome.employeeId !== undefined && outcome.employeeId !== access.employeeId)
        throw new AppError('jira.other-person', { facts: { name: outcome.employeeId } })
      if (result.passed) {
        if (stored !== undefined) await accounts.replaceJiraToken(userId, secret)
        await note(userId, 'jira', undefined)
      }
      return result
    },

    /** @throws AppError `request.too-many`, `secret.locked` */
    async testModel(userId: string, { form, language }: { form: ModelForm; language: Language }) {
      attempts.take('connection-test', userId)
      const settings = await settingsOf(userId, form)
      const { result, failure } = await timed(() => testModel(settings), language)
      if (result.passed) passedSettings.set(userId, fingerprintOf(settings))
      const stored = await database.asUser(userId, (db) => store.findModel(db, userId))
      const isStored =
        stored?.base_url === settings.baseUrl &&
        stored.model === settings.model &&
        form.apiKey === undefined
      if (isStored && (failure === undefined || isAboutCredential(failure)))
        await note(userId, 'model', failure)
      return result
    },

    async saveModel(userId: string, { form, language }: { form: ModelForm; language: Language }) {
      const settings = await settingsOf(userId, form)
      const { baseUrl, model, apiKey } = settings
      const isTested = passedSettings.get(userId) === fingerprintOf(settings)
      const wrapped = await accounts.dataKey(userId)
      await database.asUser(userId, async (db) => {
        await store.saveModel(db, {
          userId,
          baseUrl,
          model,
          encryptedKey:
            apiKey === undefined ? null : keyring.encrypt(wrapped, keyPlace(userId), apiKey),
          keyHint: apiKey === undefined ? null : apiKey.reveal().slice(-4),
        })
        await store.noteChanged(db, { userId, system: 'model' })
        if (isTested) await store.notePassed(db, { userId, system: 'model' })
        const facts = { host: new URL(baseUrl).host, model, has_key: apiKey !== undefined }
        await audit.record({ actorId: userId, action: 'model.save', outcome: 'done', facts }, db)
      })
      return (await show(userId, language)).model
    },

    async removeModel(userId: string, language: Language) {
      await database.asUser(userId, async (db) => {
        await store.removeModel(db, userId)
        await audit.record({ actorId: userId, action: 'model.remove', outcome: 'done' }, db)
      })
      return (await show(userId, language)).model
    },

    /** Real use is a test too: a refused credential closes the gate, a success opens it again. */
    async noteUse(userId: string, system: System, failure: Failure | undefined): Promise<void> {
      if (failure !== undefined && !isAboutCredential(failure)) return
      await note(userId, system, failure)
    },
  }
}

type Failure = { readonly code: ErrorCode; readonly facts: Facts }

function isAboutCredential(failure: Failure | undefined): boolean {
  return failure === undefined || credentialCodes.has(failure.code)
}

async function timed(test: () => Promise<TestOutcome>, language: Language) {
  const startedAt = performance.now()
  const outcome = await test()
  const correlationId = currentContext()?.correlationId ?? ''
  const steps = outcome.steps.map(({ step, state, durationMs, failure }) => ({
    step,
    state,
    ...(durationMs === undefined ? {} : { durationMs: Math.round(durationMs) }),
    ...(failure === undefined
      ? {}
      : { problem: describeProblem(failure.code, failure.facts, { correlationId, language }) }),
  }))
  const result: TestResult = {
    passed: steps.every((step) => step.state !== 'failed'),
    testedAt: new Date().toISOString(),
    durationMs: Math.round(performance.now() - startedAt),
    steps,
    ...(outcome.evidence === undefined ? {} : { evidence: outcome.evidence }),
    ...(outcome.models === undefined ? {} : { models: [...outcome.models] }),
  }
  return { result, outcome, failure: outcome.steps.find((step) => step.failure)?.failure }
}

function describeJira(jira: JiraConnection, check: store.CheckRow | undefined, language: Language) {
  return {
    baseUrl: jira.baseUrl,
    flavour: jira.flavour,
    tokenHint: jira.tokenHint,
    setAt: jira.setAt.toISOString(),
    // Registration itself was a test that passed.
    ...(check === undefined
      ? { state: 'passed' as const, lastPassedAt: jira.setAt.toISOString() }
      : describeCheck(check, language)),
  }
}

function describeCheck(check: store.CheckRow | undefined, language: Language) {
  if (check === undefined) return { state: stateOf(undefined) }
  const { changed_at, passed_at, failing_since, failure_code, failure_facts } = check
  const state = stateOf({
    changedAt: changed_at,
    passedAt: passed_at ?? undefined,
    isFailing: failing_since !== null,
  })
  const correlationId = currentContext()?.correlationId ?? ''
  return {
    state,
    ...(passed_at === null ? {} : { lastPassedAt: passed_at.toISOString() }),
    ...(failing_since === null
      ? {}
      : {
          failingSince: failing_since.toISOString(),
          failure: describeProblem(
            knownCode(failure_code),
            (failure_facts ?? {}) as unknown as Facts,
            { correlationId, language },
          ),
        }),
  }
}
