import { createHmac } from 'node:crypto'
import type { JiraFlavour } from '@studioops/contracts/accounts'
import {
  type ConnectionIdentity,
  type ConnectionState,
  type PersonalSystem,
  personalSystem,
  systemNames,
} from '@studioops/contracts/connections'
import type { Language } from '@studioops/contracts/installation'
import { LRUCache } from 'lru-cache'
import { identityOf, nameOf } from '../../integrations/reach/compare-identity.ts'
import type { StepOutcome, TestOutcome } from '../../integrations/reach/try-steps.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { AccountService, JiraAnswer, JiraConnection } from '../accounts/index.ts'
import { boardsState, gates, isVerdict } from './connections.policy.ts'
import {
  type Failure,
  presentCheck,
  presentTest,
  presentTls,
  type Viewer,
} from './connections.present.ts'
import * as store from './connections.store.ts'
import {
  chooseTls,
  type ConnectionForm,
  type ConnectionSettings,
  createConnectionVault,
  isSameTls,
  type KeptPlace,
  saveTls,
  type SecretName,
  type TlsForm,
} from './connections.vault.ts'

/** Tries a system with settings; implemented over the integrations, in `app.ts`. */
type TryConnection = (settings: ConnectionSettings) => Promise<TestOutcome>

/** Whom a token belongs to at an address that the workspace allows. @throws AppError `jira.*` */
type AskJira = (
  userId: string,
  question: {
    readonly jiraUrl: string
    readonly token: Secret
    readonly cloudEmail: string | undefined
    readonly tls: TlsChoice
  },
) => Promise<JiraAnswer>

export type ModelSettings = {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: Secret | undefined
  readonly tls: TlsChoice
}

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly attempts: Attempts
  readonly audit: Audit
  readonly accounts: Pick<
    AccountService,
    'jiraAccess' | 'findJiraConnection' | 'replaceJiraToken' | 'connectJira' | 'dataKey' | 'knownAs'
  >
  /** Addresses of Jira that the workspace allows (D-2). */
  readonly listedUrls: () => Promise<readonly string[]>
  /** Who runs the workspace may name its first one. @throws AppError `jira.url-not-listed` */
  readonly requireListed: (userId: string, jiraUrl: string) => Promise<void>
  readonly askJira: AskJira
  /** One way of trying for each system; what differs between systems is in there. */
  readonly tries: Readonly<Record<PersonalSystem, TryConnection>>
  /** Told of each connection that has passed its test and stands, and of each that was removed. */
  readonly onStanding?: (userId: string, system: PersonalSystem, stands: boolean) => void
  /** The company's model, which writes for those who have connected none of their own. */
  readonly companyModel: { show(userId: string, language: Language): Promise<Shown> }
}

export type JiraForm = {
  readonly baseUrl?: string | undefined
  readonly flavour?: JiraFlavour | undefined
  readonly loginEmail?: string | undefined
  readonly token?: string | undefined
  readonly tls?: TlsForm | undefined
}

/** What was tested within this time and is then saved unchanged counts as tested. */
const testCountsMs = 10 * 60_000

export type ConnectionService = ReturnType<typeof createConnectionService>

export function createConnectionService(dependencies: Dependencies) {
  const { database, keyring, attempts, audit, accounts, listedUrls, askJira, tries } = dependencies
  const { requireListed, onStanding = () => undefined } = dependencies
  const vault = createConnectionVault({ database, keyring, accounts })
  const fingerprintKey = keyring.deriveKey('tested settings')
  const passedSettings = new LRUCache<string, { fingerprint: string; identity?: Compared }>({
    max: 1_000,
    ttl: testCountsMs,
  })
  const fingerprintOf = ({ tls, ...settings }: ConnectionSettings) => {
    const { baseUrl, flavour, loginEmail, model, token, key } = settings
    const secrets = [plain(token), plain(key)]
    const trusted = [tls.verifyTls ?? true, tls.ca]
    return createHmac('sha256', fingerprintKey)
      .update(JSON.stringify([baseUrl, flavour, loginEmail, model, secrets, trusted]))
      .digest('base64url')
  }

  /** Undefined also for a secret that cannot be opened: it is another one than was tested. */
  async function storedFingerprint({ userId, system }: KeptPlace): Promise<string | undefined> {
    try {
      const stored = await vault.open(userId, system)
      return stored && fingerprintOf(stored)
    } catch (error) {
      if (error instanceof AppError && error.code === 'secret.locked') return undefined
      throw error
    }
  }

  async function note(place: Place, failure: Failure | undefined, identity?: Compared) {
    await database.writeAsUser(place.userId, (db) => noteWithin(db, place, { failure, identity }))
    if (failure === undefined) onStanding(place.userId, place.system, true)
  }

  /** Adds the step of identity to a test that found out whose credential it is (CFG-16). */
  async function withIdentity(place: Place, outcome: TestOutcome): Promise<ComparedOutcome> {
    const { userId, system } = place
    const { person, steps } = outcome
    if (system === 'model') return outcome
    if (person === undefined)
      return hasStep(steps) ? outcome : { ...outcome, steps: [...steps, identityStep('not-run')] }
    const other = await accounts.knownAs(userId)
    // Jira is what accounts come from: before it is connected there is nothing to compare it with.
    if (system === 'jira' && other.system === 'account') return outcome
    const identity: Compared = identityOf(person, other)
    const rest = steps.filter(({ step }) => step !== 'identity')
    return { ...outcome, steps: [...rest, comparedStep(identity, system)], identity }
  }

  async function tryAndCompare(place: Place, settings: ConnectionSettings) {
    const startedAt = performance.now()
    const outcome = await withIdentity(place, await tries[place.system](settings))
    const failure = outcome.steps.find((step) => step.failure !== undefined)?.failure
    return { outcome, failure, durationMs: performance.now() - startedAt }
  }

  /** @throws AppError `connection.not-set`, `jira.not-connected`, `secret.locked` */
  async function openStored({ userId, system }: Place): Promise<ConnectionSettings> {
    if (system === 'jira')
      return { ...(await accounts.jiraAccess(userId)), tls: await vault.tlsOf(userId, 'jira') }
    const stored = await vault.open(userId, system)
    if (stored !== undefined) return stored
    throw new AppError('connection.not-set', { facts: { system: systemNames[system] } })
  }

  /** What the form of Jira means. The address is chosen once; after that it belongs to the account. */
  async function resolveJira(userId: string, form: JiraForm): Promise<ConnectionSettings> {
    const stored = await accounts.findJiraConnection(userId)
    const storedTls = await vault.tlsOf(userId, 'jira')
    const tls = form.tls === undefined ? storedTls : chooseTls(form.tls, storedTls)
    const { loginEmail } = form
    if (stored !== undefined) {
      const access =
        form.token === undefined
          ? await accounts.jiraAccess(userId)
          : { ...stored, token: new Secret(form.token) }
      return { ...settingsOfJira(access), token: access.token, tls }
    }
    if (form.baseUrl === undefined || form.token === undefined)
      throw new AppError('connection.not-set', { facts: { system: 'Jira' } })
    const baseUrl = form.baseUrl.replace(/\/+$/, '')
    await requireListed(userId, baseUrl)
    const flavour = form.flavour ?? 'dc'
    return { baseUrl, flavour, loginEmail, token: new Secret(form.token), tls }
  }

  async function auditTls(db: Db, { userId, system }: Place, tls: TlsChoice): Promise<void> {
    const rows = await store.findTls(db, userId)
    const stored = tlsOfRow(rows.find((row) => row.system === system))
    if (isSameTls(stored, tls)) return
    await saveTls(db, { userId, system }, tls)
    const fingerprint = presentTls(tls).certificate?.fingerprint ?? 'none'
    const facts = { system, verify: tls.verifyTls !== false, certificate: fingerprint }
    await audit.record({ actorId: userId, action: 'tls.change', outcome: 'done', facts }, db)
  }

  /** Keeps a token of Jira that has passed: of the account's Jira, or with it for the first time. */
  async function keepJira(
    userId: string,
    {
      settings,
      isFirst,
      isNew,
    }: { settings: ConnectionSettings; isFirst: boolean; isNew: boolean },
  ): Promise<void> {
    const { baseUrl, token, tls, loginEmail: cloudEmail } = settings
    if (token === undefined || !isNew) return
    if (!isFirst) return accounts.replaceJiraToken(userId, token)
    const answer = await askJira(userId, { jiraUrl: baseUrl, token, cloudEmail, tls })
    await accounts.connectJira(userId, { answer, token, cloudEmail })
  }

  async function show(userId: string, language: Language) {
    const [jira, jiraBaseUrls, { rows, checks, tls }] = await Promise.all([
      accounts.findJiraConnection(userId),
      listedUrls(),
      database.asUser(userId, async (db) => ({
        rows: {
          confluence: await store.findConnection(db, { userId, system: 'confluence' }),
          trello: await store.findConnection(db, { userId, system: 'trello' }),
          model: await store.findConnection(db, { userId, system: 'model' }),
        },
        checks: await store.findChecks(db, userId),
        tls: await store.findTls(db, userId),
      })),
    ])
    const standing = (system: PersonalSystem) => {
      const row = tls.find((one) => one.system === system)
      const check = checks.find((one) => one.system === system)
      return { check, tls: presentTls(tlsOfRow(row)), language }
    }
    const suggested = suggestConfluence(jira)
    return {
      jira: presentJira(jira, standing('jira')),
      confluence: {
        ...presentRow(rows.confluence, standing('confluence')),
        ...(suggested === undefined ? {} : { suggested }),
      },
      trello: presentRow(rows.trello, standing('trello')),
      model: presentRow(rows.model, standing('model')),
      jiraBaseUrls: [...jiraBaseUrls],
    }
  }

  async function requireStates(userId: string) {
    const { jira, confluence, trello, model } = await show(userId, 'en')
    return { jira, confluence, trello, model }
  }

  return {
    show,
    tlsOf: vault.tlsOf,
    /** Settings and opened secrets of a stored connection, for use. */
    open: openStored,
    /** Whether the person has settings of this system at all. */
    isSet: async (userId: string, system: KeptPlace['system']): Promise<boolean> =>
      database.readAsUser(userId, async (db) => {
        const row = await store.findConnection(db, { userId, system })
        return row !== undefined
      }),

    /** What is needed to ask the person's model. @throws AppError `secret.locked` */
    async readModel(userId: string): Promise<ModelSettings | undefined> {
      const stored = await vault.open(userId, 'model')
      if (stored === undefined) return undefined
      const { baseUrl, model = '', key, tls } = stored
      return { baseUrl, model, apiKey: key, tls }
    },

    async features(userId: string) {
      const { jira, model, trello } = await requireStates(userId)
      const isOwn = model.state !== 'not-set'
      const state = isOwn ? model.state : (await dependencies.companyModel.show(userId, 'en')).state
      return gates({ jira: jira.state, model: state, trello: trello.state })
    },

    /** Own connections whose credential does not work any more. */
    async broken(userId: string) {
      const [states, companyModel] = await Promise.all([
        requireStates(userId),
        dependencies.companyModel.show(userId, 'en'),
      ])
      const standing: Record<PersonalSystem | 'company-model', Shown> = {
        ...states,
        'company-model': companyModel,
      }
      return [...personalSystem.options, 'company-model' as const].flatMap((connection) => {
        const { state, failingSince } = standing[connection]
        if (state !== 'failing') return []
        return [{ connection, ...(failingSince === undefined ? {} : { failingSince }) }]
      })
    },

    /** @throws AppError `feature.closed` unless Jira accepts the person's token */
    async requireOpen(userId: string): Promise<void> {
      const [jira, checks] = await Promise.all([
        accounts.findJiraConnection(userId),
        database.readAsUser(userId, (db) => store.findChecks(db, userId)),
      ])
      const check = checks.find(({ system }) => system === 'jira')
      // Registration itself was a test that passed.
      const isOpen = check === undefined || presentCheck(check, 'en').state === 'passed'
      if (jira === undefined || !isOpen)
        throw new AppError('feature.closed', { facts: { missing: 'Jira' } })
    },

    /** @throws AppError `feature.closed` unless Trello accepts the person's key and token */
    async requireTrello(userId: string): Promise<void> {
      const [row, checks] = await database.readAsUser(userId, async (db) => [
        await store.findConnection(db, { userId, system: 'trello' }),
        await store.findChecks(db, userId),
      ])
      const check = checks.find(({ system }) => system === 'trello')
      const state = row === undefined ? 'not-set' : presentCheck(check, 'en').state
      if (boardsState(state) !== 'open')
        throw new AppError('feature.closed', { facts: { missing: 'Trello' } })
    },

    /**
     * Tries Confluence, Trello or the model with what stands in the form, and saves nothing of it.
     *
     * @throws AppError `request.too-many`, `request.invalid`, `certificate.*`, `secret.locked`
     */
    async test(place: KeptPlace, form: ConnectionForm, viewer: Viewer) {
      const { userId, system } = place
      attempts.take('connection-test', userId)
      const settings = await vault.resolve(userId, system, form)
      const { outcome, failure, durationMs } = await tryAndCompare(place, settings)
      const fingerprint = fingerprintOf(settings)
      const { identity } = outcome
      if (failure === undefined)
        passedSettings.set(`${userId} ${system}`, {
          fingerprint,
          ...(identity === undefined ? {} : { identity }),
        })
      const isStored = (await storedFingerprint(place)) === fingerprint
      if (isStored && isVerdict(failure)) await note(place, failure, identity)
      return presentTest(outcome, { durationMs, system }, viewer)
    },

    /** @throws AppError `request.too-many`, `certificate.*`, `jira.url-not-listed`, `secret.locked` */
    async testJira(userId: string, form: JiraForm, viewer: Viewer) {
      attempts.take('connection-test', userId)
      const settings = await resolveJira(userId, form)
      const place = { userId, system: 'jira' } as const
      const { outcome, failure, durationMs } = await tryAndCompare(place, settings)
      const isStored = form.token === undefined && form.tls === undefined
      if (isStored && isVerdict(failure)) await note(place, failure, outcome.identity)
      return presentTest(outcome, { durationMs, system: 'jira' }, viewer)
    },

    /**
     * A new token of the same person, other settings of TLS, or the first Jira of an account that was
     * made without. Nothing is kept that did not pass.
     *
     * @throws AppError `jira.other-person`, `jira.url-not-listed`, `jira.*`, `account.exists`,
     *   `request.too-many`, `certificate.*`
     */
    async saveJira(userId: string, form: JiraForm, viewer: Viewer) {
      attempts.take('connection-test', userId)
      const place = { userId, system: 'jira' } as const
      const stored = await accounts.findJiraConnection(userId)
      const settings = await resolveJira(userId, form)
      const { outcome, durationMs } = await tryAndCompare(place, settings)
      if (outcome.identity?.verdict === 'different')
        throw new AppError('jira.other-person', { facts: { name: nameOf(outcome.person) } })
      const result = presentTest(outcome, { durationMs, system: 'jira' }, viewer)
      if (!result.passed) return result
      const isNew = form.token !== undefined
      await keepJira(userId, { settings, isFirst: stored === undefined, isNew })
      await database.asUser(userId, async (db) => {
        await store.notePassed(db, place, notedOf(outcome.identity))
        await auditTls(db, place, settings.tls)
      })
      onStanding(userId, 'jira', true)
      return result
    },

    isReplacing: vault.isReplacing,

    /** @throws AppError `request.invalid`, `certificate.*`, `secret.locked` */
    async save(place: KeptPlace, form: ConnectionForm): Promise<void> {
      const { userId, system } = place
      const settings = await vault.resolve(userId, system, form)
      const tested = passedSettings.get(`${userId} ${system}`)
      const isTested = tested?.fingerprint === fingerprintOf(settings)
      await database.asUser(userId, async (db) => {
        await auditTls(db, place, settings.tls)
        await vault.save(db, place, settings)
        await store.noteChanged(db, place)
        if (isTested) await store.notePassed(db, place, notedOf(tested.identity))
        await audit.record(savedEntry(place, settings), db)
      })
      if (isTested) onStanding(userId, system, true)
    },

    async remove(place: KeptPlace): Promise<void> {
      const { userId, system } = place
      await database.asUser(userId, async (db) => {
        await store.removeConnection(db, place)
        const action = system === 'model' ? 'model.remove' : 'connection.remove'
        await audit.record({ actorId: userId, action, outcome: 'done', facts: { system } }, db)
      })
      onStanding(userId, system, false)
    },

    /**
     * A stored secret in clear, for its owner, who gave the password again (D-23).
     *
     * @throws AppError `connection.not-set`, `secret.locked`
     */
    async reveal(place: Place, name: SecretName): Promise<{ secret: string }> {
      const { userId, system } = place
      const stored = await openStored(place)
      const secret = stored[name]
      if (secret === undefined)
        throw new AppError('connection.not-set', { facts: { system: systemNames[system] } })
      const facts = { system, secret: name }
      await audit.record({ actorId: userId, action: 'secret.reveal', outcome: 'done', facts })
      return { secret: secret.reveal() }
    },

    /** Real use is a test too: a refused credential closes the gate, a success opens it again. */
    async noteUse(
      userId: string,
      system: PersonalSystem,
      failure: Failure | undefined,
    ): Promise<void> {
      if (isVerdict(failure)) await note({ userId, system }, failure)
    },

    /**
     * Tries a stored credential without anybody asking (OPS-9).
     *
     * @returns whether there was a verdict; a time-out says nothing about a credential
     */
    async checkStored(place: Place): Promise<'passed' | 'failed' | 'no-verdict'> {
      const { outcome, failure } = await tryAndCompare(place, await openStored(place))
      if (!isVerdict(failure)) return 'no-verdict'
      await note(place, failure, outcome.identity)
      return failure === undefined ? 'passed' : 'failed'
    },
  }
}

type Place = { readonly userId: string; readonly system: PersonalSystem }
type Compared = ConnectionIdentity
type ComparedOutcome = TestOutcome & { readonly identity?: Compared }

type Noted = { readonly failure: Failure | undefined; readonly identity: Compared | undefined }

async function noteWithin(
  db: Db,
  place: { readonly userId: string; readonly system: PersonalSystem },
  { failure, identity }: Noted,
): Promise<void> {
  if (failure === undefined) await store.notePassed(db, place, notedOf(identity))
  else await store.noteFailed(db, { ...place, ...failure })
}

function notedOf(identity: Compared | undefined): store.NotedIdentity | undefined {
  return identity && { verdict: identity.verdict, identity }
}

function hasStep(steps: readonly StepOutcome[]): boolean {
  return steps.some(({ step }) => step === 'identity')
}

function identityStep(state: StepOutcome['state']): StepOutcome {
  return { step: 'identity', state }
}

function comparedStep(
  { verdict, name, comparedWith = 'account' }: Compared,
  system: PersonalSystem,
): StepOutcome {
  if (verdict === 'same') return identityStep('passed')
  if (verdict === 'unverifiable') return identityStep('unverifiable')
  const other = comparedWith === 'account' ? 'StudioOps' : systemNames[comparedWith]
  const failure: Failure =
    system === 'jira'
      ? { code: 'jira.other-person', facts: { name } }
      : { code: 'connection.other-person', facts: { system: systemNames[system], name, other } }
  return { ...identityStep('failed'), failure }
}

function settingsOfJira(jira: Pick<JiraConnection, 'baseUrl' | 'flavour' | 'loginEmail'>) {
  const { baseUrl, flavour, loginEmail } = jira
  return { baseUrl, flavour, loginEmail }
}

function plain(secret: Secret | undefined): string | undefined {
  return secret?.reveal()
}

function savedEntry({ userId, system }: KeptPlace, settings: ConnectionSettings) {
  const { baseUrl, model, key, token } = settings
  const host = URL.parse(baseUrl)?.host ?? ''
  const entry = { actorId: userId, outcome: 'done' } as const
  return system === 'model'
    ? {
        ...entry,
        action: 'model.save' as const,
        facts: { host, model: model ?? '', has_key: key !== undefined },
      }
    : {
        ...entry,
        action: 'connection.save' as const,
        facts: { system, host, has_token: token !== undefined },
      }
}

function tlsOfRow(row: store.TlsRow | undefined): TlsChoice {
  if (row === undefined) return {}
  const { is_verified: verifyTls, certificate } = row
  return { verifyTls, ...(certificate === null ? {} : { ca: certificate }) }
}

type Shown = { readonly state: ConnectionState; readonly failingSince?: string | undefined }

type Standing = {
  readonly check: store.CheckRow | undefined
  readonly tls: ReturnType<typeof presentTls>
  readonly language: Language
}

function presentRow(row: store.ConnectionRow | undefined, { check, tls, language }: Standing) {
  if (row === undefined) return { state: 'not-set' as ConnectionState, tls }
  const { flavour, login_email: loginEmail, model, token_hint, key_hint, set_at } = row
  return {
    baseUrl: row.base_url,
    // The column's check constraint lists exactly these.
    ...(flavour === null ? {} : { flavour: flavour as JiraFlavour }),
    ...(loginEmail === null ? {} : { loginEmail }),
    ...(model === null ? {} : { model }),
    ...(token_hint === null ? {} : { tokenHint: token_hint }),
    ...(key_hint === null ? {} : { keyHint: key_hint }),
    setAt: set_at.toISOString(),
    tls,
    ...presentCheck(check, language),
  }
}

function presentJira(jira: JiraConnection | undefined, { check, tls, language }: Standing) {
  if (jira === undefined) return { state: 'not-set' as ConnectionState, tls }
  const { loginEmail } = jira
  return {
    baseUrl: jira.baseUrl,
    flavour: jira.flavour,
    ...(loginEmail === undefined ? {} : { loginEmail }),
    tokenHint: jira.tokenHint,
    setAt: jira.setAt.toISOString(),
    tls,
    // Registration itself was a test that passed.
    ...(check === undefined
      ? { state: 'passed' as ConnectionState, lastPassedAt: jira.setAt.toISOString() }
      : presentCheck(check, language)),
  }
}

/** Cloud has both under one name; of Data Center only the usual neighbour can be guessed. */
function suggestConfluence(jira: JiraConnection | undefined) {
  const url = jira === undefined ? null : URL.parse(jira.baseUrl)
  if (jira === undefined || url === null) return undefined
  if (jira.flavour === 'cloud') return { baseUrl: `${url.origin}/wiki`, flavour: 'cloud' as const }
  if (url.pathname.endsWith('/jira'))
    return { baseUrl: jira.baseUrl.replace(/\/jira$/, '/confluence'), flavour: 'dc' as const }
  if (!url.hostname.startsWith('jira.')) return undefined
  url.hostname = url.hostname.replace(/^jira\./, 'confluence.')
  return { baseUrl: url.href.replace(/\/+$/, ''), flavour: 'dc' as const }
}
