import { createHmac } from 'node:crypto'
import type {
  ConnectionSystem,
  CredentialState,
  IdentityVerdict,
  ObjectStore,
} from '@studioops/contracts/connections'
import type { Language } from '@studioops/contracts/installation'
import type { ObjectStoreSettings } from '../../integrations/object-store/try-object-store.ts'
import type { TestOutcome } from '../../integrations/reach/try-steps.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import { currentContext } from '../../platform/log/log.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { CredentialChecks } from './connections.checks.ts'
import { stateOf } from './connections.policy.ts'
import { presentTest, presentTls } from './connections.present.ts'
import { chooseTls, type TlsForm } from './connections.vault.ts'
import {
  openStoreSecret,
  readObjectStore,
  storeSecretPlace,
  tlsOfRow,
  withVerify,
} from './connections.object-store.ts'
import * as store from './connections.workspace.store.ts'

export type ObjectStoreForm = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey?: string | undefined
  readonly tls?: TlsForm | undefined
}

type Settings = ObjectStoreSettings & { readonly tls: NonNullable<ObjectStoreSettings['tls']> }

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly attempts: Attempts
  readonly audit: Audit
  readonly checks: Pick<CredentialChecks, 'checkAll'>
  readonly tryObjectStore: (settings: ObjectStoreSettings) => Promise<TestOutcome>
  readonly listedUrls: () => Promise<readonly string[]>
  readonly changeListedUrls: (userId: string, urls: readonly string[]) => Promise<void>
  /** ALLOWED_INTEGRATION_HOSTS. */
  readonly allowedHosts: readonly string[]
}

export type WorkspaceConnections = ReturnType<typeof createWorkspaceConnections>

/** Connections as those who run the workspace see them: everybody's states, and what all share. */
export function createWorkspaceConnections(dependencies: Dependencies) {
  const { database, keyring, attempts, audit, checks, tryObjectStore } = dependencies
  const fingerprintKey = keyring.deriveKey('tested object store')
  let tested = ''
  const fingerprintOf = (settings: Settings) =>
    createHmac('sha256', fingerprintKey)
      .update(JSON.stringify({ ...settings, secretAccessKey: settings.secretAccessKey.reveal() }))
      .digest('base64url')

  const find = (userId: string) => database.asUser(userId, store.findObjectStore)

  /** @throws AppError `secret.locked` */
  const openSecret = (row: store.ObjectStoreRow) => openStoreSecret(keyring, row)

  /**
   * A stored secret is opened only where none was typed, and for the same server.
   *
   * @throws AppError `request.invalid` where the secret is missing, `certificate.*`, `secret.locked`
   */
  async function resolve(userId: string, form: ObjectStoreForm): Promise<Settings> {
    const row = await find(userId)
    const { region, bucket, accessKeyId } = form
    const endpoint = form.endpoint.replace(/\/+$/, '')
    const typed = form.secretAccessKey
    const secretAccessKey =
      typed === undefined ? openSecret(requireSameServer(row, endpoint)) : new Secret(typed)
    const storedTls = row === undefined ? {} : tlsOfRow(row)
    const tls = form.tls === undefined ? storedTls : chooseTls(form.tls, storedTls)
    return { endpoint, region, bucket, accessKeyId, secretAccessKey, tls: withVerify(tls) }
  }

  /** Whether what was tried is what is stored; what cannot be opened is not. */
  function isStored(row: store.ObjectStoreRow | undefined, settings: Settings): boolean {
    if (row === undefined || settings.secretAccessKey.reveal().slice(-4) !== row.secret_hint)
      return false
    const { endpoint, region, bucket, access_key_id: accessKeyId } = row
    const tls = withVerify(tlsOfRow(row))
    const stored = { endpoint, region, bucket, accessKeyId, secretAccessKey: openSecret(row), tls }
    return fingerprintOf(stored) === fingerprintOf(settings)
  }

  async function showObjectStore(userId: string): Promise<ObjectStore> {
    return presentObjectStore(await find(userId))
  }

  return {
    /** What is set up, for whatever stores files; undefined: nothing. @throws AppError `secret.locked` */
    objectStore: () => readObjectStore(database, keyring),

    async show(userId: string, language: Language) {
      const [rows, objectStore, jiraBaseUrls] = await Promise.all([
        database.asUser(userId, store.listCredentials),
        showObjectStore(userId),
        dependencies.listedUrls(),
      ])
      const times = rows.flatMap((row) => (row.checked_at === null ? [] : [row.checked_at]))
      const last = times.toSorted((one, other) => other.getTime() - one.getTime())[0]
      const now = Date.now()
      return {
        credentials: rows.map((row) => presentCredential(row, language)),
        ...(last === undefined ? {} : { lastCheckedAt: last.toISOString() }),
        due: rows.filter((row) => (row.next_check_at?.getTime() ?? Infinity) <= now).length,
        jiraBaseUrls: [...jiraBaseUrls],
        allowedHosts: [...dependencies.allowedHosts],
        objectStore,
      }
    },

    async checkAll(userId: string): Promise<{ due: number }> {
      const due = await checks.checkAll()
      const facts = { checks: due }
      await audit.record({
        actorId: userId,
        action: 'workspace.change',
        target: 'workspace:credential-checks',
        outcome: 'done',
        facts,
      })
      return { due }
    },

    async saveJiraBaseUrls(userId: string, urls: readonly string[]): Promise<{ urls: string[] }> {
      const clean = [...new Set(urls.map((url) => url.replace(/\/+$/, '')))]
      await dependencies.changeListedUrls(userId, clean)
      return { urls: clean }
    },

    /** @throws AppError `request.too-many`, `request.invalid`, `certificate.*`, `secret.locked` */
    async testObjectStore(userId: string, form: ObjectStoreForm, language: Language) {
      attempts.take('connection-test', userId)
      const settings = await resolve(userId, form)
      const startedAt = performance.now()
      const outcome = await tryObjectStore(settings)
      const durationMs = performance.now() - startedAt
      const viewer = { language, runsWorkspace: true }
      const result = presentTest(outcome, { durationMs, system: 'object-store' }, viewer)
      if (!result.passed) return result
      tested = fingerprintOf(settings)
      if (isStored(await find(userId), settings)) await database.asUser(userId, store.notePassed)
      return result
    },

    /** @throws AppError `request.invalid`, `certificate.*`, `secret.locked` */
    async saveObjectStore(userId: string, form: ObjectStoreForm): Promise<ObjectStore> {
      const settings = await resolve(userId, form)
      const { endpoint, region, bucket, accessKeyId, secretAccessKey, tls } = settings
      const wrappedKey = keyring.createDataKey(storeSecretPlace.userId)
      const row = {
        endpoint,
        region,
        bucket,
        access_key_id: accessKeyId,
        encrypted_secret: keyring.encrypt(wrappedKey, storeSecretPlace, secretAccessKey),
        secret_hint: secretAccessKey.reveal().slice(-4),
        wrapped_key: wrappedKey,
        is_verified: tls.verifyTls ?? true,
        certificate: tls.ca ?? null,
      }
      await database.asUser(userId, async (db) => {
        await store.saveObjectStore(db, row, tested === fingerprintOf(settings))
        const facts = {
          host: URL.parse(endpoint)?.host ?? '',
          bucket,
          verify_tls: row.is_verified,
        }
        const entry = { actorId: userId, action: 'connection.save', outcome: 'done' } as const
        await audit.record({ ...entry, target: 'workspace:object-store', facts }, db)
      })
      return showObjectStore(userId)
    },

    async removeObjectStore(userId: string): Promise<ObjectStore> {
      await database.asUser(userId, async (db) => {
        await store.removeObjectStore(db)
        const entry = { actorId: userId, action: 'connection.remove', outcome: 'done' } as const
        await audit.record({ ...entry, target: 'workspace:object-store' }, db)
      })
      return showObjectStore(userId)
    },
  }
}

/** @throws AppError `request.invalid` where nothing is stored, or only for another server */
function requireSameServer(
  row: store.ObjectStoreRow | undefined,
  endpoint: string,
): store.ObjectStoreRow {
  if (row !== undefined && URL.parse(row.endpoint)?.origin === URL.parse(endpoint)?.origin)
    return row
  throw new AppError('request.invalid', { fields: [secretMissing] })
}

const secretMissing = {
  pointer: '/secretAccessKey',
  message_en: 'Type it here; the stored one is used for the same server only.',
  message_he: 'יש להקליד כאן; הערך השמור משמש לאותו שרת בלבד.',
}

function presentObjectStore(row: store.ObjectStoreRow | undefined): ObjectStore {
  if (row === undefined) return { kind: 'files', state: 'not-set', tls: presentTls({}) }
  return {
    kind: 's3',
    state: row.passed_at === null ? 'untested' : 'passed',
    endpoint: row.endpoint,
    region: row.region,
    bucket: row.bucket,
    accessKeyId: row.access_key_id,
    secretHint: row.secret_hint,
    setAt: row.set_at.toISOString(),
    ...(row.passed_at === null ? {} : { lastPassedAt: row.passed_at.toISOString() }),
    tls: presentTls(tlsOfRow(row)),
  }
}

function presentCredential(row: store.CredentialRow, language: Language): CredentialState {
  const { failing_since: failingSince, passed_at: passedAt } = row
  const time = (at: Date | null, name: string) => (at === null ? {} : { [name]: at.toISOString() })
  return {
    userId: row.user_id,
    employeeId: row.employee_id,
    displayName: row.display_name,
    // The columns' check constraints list exactly these.
    system: row.system as ConnectionSystem,
    state: stateOf({
      changedAt: row.changed_at,
      passedAt: passedAt ?? undefined,
      isFailing: failingSince !== null,
      verdict: (row.identity_verdict ?? undefined) as IdentityVerdict | undefined,
    }),
    ...time(passedAt, 'lastPassedAt'),
    ...time(failingSince, 'failingSince'),
    ...time(row.checked_at, 'checkedAt'),
    ...time(row.next_check_at, 'nextCheckAt'),
    ...(failingSince === null ? {} : { failure: presentReason(row.failure_code, language) }),
  }
}

/** Without the facts of the failure, which may name the person in another system. */
function presentReason(code: string | null, language: Language) {
  const correlationId = currentContext()?.correlationId ?? ''
  return describeProblem(knownCode(code), {}, { correlationId, language })
}
