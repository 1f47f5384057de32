import type { JiraFlavour } from '@studioops/contracts/accounts'
import type { PersonalSystem } from '@studioops/contracts/connections'
import type { FieldError } from '@studioops/contracts/problem'
import { isOtherSecret, type Keyring } from '../../platform/crypto/keyring.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { AccountService } from '../accounts/index.ts'
import { readAuthority } from '../../platform/outbound/certificate-authority.ts'
import * as store from './connections.store.ts'

/** What is needed to use a connection, in one shape for all systems. */
export type ConnectionSettings = {
  readonly baseUrl: string
  readonly flavour?: JiraFlavour | undefined
  readonly loginEmail?: string | undefined
  readonly model?: string | undefined
  readonly token?: Secret | undefined
  readonly key?: Secret | undefined
  readonly tls: TlsChoice
}

/** What came from a form, in one shape. Absent secrets and TLS: as they are stored. */
export type ConnectionForm = {
  readonly baseUrl: string
  readonly flavour?: JiraFlavour | undefined
  readonly loginEmail?: string | undefined
  readonly model?: string | undefined
  readonly token?: string | undefined
  readonly key?: string | undefined
  readonly tls?: TlsForm | undefined
}

export type TlsForm = { readonly verify: boolean; readonly certificate?: string | undefined }

export type SecretName = 'token' | 'key'

/** Which secrets a system has, where they lie, and whether it can do without. */
const secretsOf: Readonly<
  Record<
    Exclude<PersonalSystem, 'jira'>,
    { table: string; names: Partial<Record<SecretName, { column: string; isNeeded: boolean }>> }
  >
> = {
  confluence: {
    table: 'integration_connections',
    names: { token: { column: 'encrypted_token', isNeeded: true } },
  },
  trello: {
    table: 'integration_connections',
    names: {
      key: { column: 'encrypted_key', isNeeded: true },
      token: { column: 'encrypted_token', isNeeded: true },
    },
  },
  model: {
    table: 'model_connections',
    names: { key: { column: 'encrypted_key', isNeeded: false } },
  },
}

/** As the forms call them; the API key of a model has a name of its own. */
const pointers: Readonly<Record<PersonalSystem, Record<SecretName, string>>> = {
  jira: { token: '/token', key: '/key' },
  confluence: { token: '/token', key: '/key' },
  trello: { token: '/token', key: '/key' },
  model: { token: '/token', key: '/apiKey' },
}

export type KeptSystem = Exclude<PersonalSystem, 'jira'>
export type KeptPlace = { readonly userId: string; readonly system: KeptSystem }

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly accounts: Pick<AccountService, 'dataKey'>
}

/** Settings of connections as they lie in the database: read, resolved from a form, written. */
export function createConnectionVault({ database, keyring, accounts }: Dependencies) {
  const placeOf = (userId: string, system: KeptSystem, name: SecretName) => ({
    table: secretsOf[system].table,
    column: secretsOf[system].names[name]?.column ?? '',
    // Two systems share a table, and a secret of one must not open as that of the other.
    rowId: system === 'model' ? userId : `${userId} ${system}`,
    userId,
  })

  async function tlsOf(userId: string, system: PersonalSystem): Promise<TlsChoice> {
    const rows = await database.readAsUser(userId, (db) => store.findTls(db, userId))
    return toTls(rows.find((row) => row.system === system))
  }

  /** What is stored, with secrets that are opened when they are asked for. */
  async function find(userId: string, system: KeptSystem) {
    const [row, tls, wrapped] = await Promise.all([
      database.readAsUser(userId, (db) => store.findConnection(db, { userId, system })),
      database.readAsUser(userId, (db) => store.findTls(db, userId)),
      accounts.dataKey(userId),
    ])
    if (row === undefined) return undefined
    const texts = { token: row.encrypted_token, key: row.encrypted_key }
    return {
      baseUrl: row.base_url,
      // The column's check constraint lists exactly these.
      flavour: (row.flavour ?? undefined) as JiraFlavour | undefined,
      loginEmail: row.login_email ?? undefined,
      model: row.model ?? undefined,
      tls: toTls(tls.find((one) => one.system === system)),
      /** @throws AppError `secret.locked` */
      secret(name: SecretName): Secret | undefined {
        const text = texts[name]
        if (text === null) return undefined
        return keyring.decrypt(wrapped, placeOf(userId, system, name), text)
      },
    }
  }

  /** @throws AppError `secret.locked` */
  async function open(userId: string, system: KeptSystem): Promise<ConnectionSettings | undefined> {
    const stored = await find(userId, system)
    if (stored === undefined) return undefined
    const { secret, ...settings } = stored
    return { ...settings, token: secret('token'), key: secret('key') }
  }

  return {
    tlsOf,
    open,

    /**
     * Whether a form would put another secret, server or trust in the place of what is stored.
     *
     * @throws AppError `certificate.*`
     */
    async isReplacing({ userId, system }: KeptPlace, form: ConnectionForm): Promise<boolean> {
      const stored = await find(userId, system)
      if (stored === undefined) return false
      return (
        isOtherSecret(form.token, () => stored.secret('token')) ||
        isOtherSecret(form.key, () => stored.secret('key')) ||
        !isSameOrigin(stored.baseUrl, cleanAddress(form.baseUrl)) ||
        (form.tls !== undefined && !isSameTls(chooseTls(form.tls, stored.tls), stored.tls))
      )
    },

    /**
     * The settings that a form means. A secret that is stored is taken for the same server only.
     *
     * @throws AppError `request.invalid` where a needed secret is missing, `certificate.*`,
     *   `secret.locked`
     */
    async resolve(
      userId: string,
      system: KeptSystem,
      form: ConnectionForm,
    ): Promise<ConnectionSettings> {
      const baseUrl = cleanAddress(form.baseUrl)
      const stored = await find(userId, system)
      const isSameServer = stored !== undefined && isSameOrigin(stored.baseUrl, baseUrl)
      const secretOf = (name: SecretName): Secret | undefined => {
        const given = form[name]
        if (given !== undefined) return given === '' ? undefined : new Secret(given)
        return isSameServer ? stored.secret(name) : undefined
      }
      const { flavour, loginEmail, model } = form
      const storedTls = stored?.tls ?? {}
      const tls = form.tls === undefined ? storedTls : chooseTls(form.tls, storedTls)
      const settings = { baseUrl, flavour, loginEmail, model, tls }
      const secrets = { token: secretOf('token'), key: secretOf('key') }
      requireSecrets(system, secrets)
      return { ...settings, ...secrets }
    },

    /** In the transaction of the caller. */
    async save(db: Db, { userId, system }: KeptPlace, settings: ConnectionSettings): Promise<void> {
      const wrapped = await accounts.dataKey(userId, db)
      const encrypt = (name: SecretName) => {
        const secret = secretsOf[system].names[name] === undefined ? undefined : settings[name]
        return secret === undefined
          ? null
          : keyring.encrypt(wrapped, placeOf(userId, system, name), secret)
      }
      await store.saveConnection(
        db,
        { userId, system },
        {
          base_url: settings.baseUrl,
          flavour: settings.flavour ?? null,
          login_email: settings.loginEmail ?? null,
          model: settings.model ?? null,
          encrypted_token: encrypt('token'),
          token_hint: hintOf(settings.token),
          encrypted_key: encrypt('key'),
          key_hint: hintOf(settings.key),
        },
      )
      await saveTls(db, { userId, system }, settings.tls)
    },
  }
}

export async function saveTls(
  db: Db,
  place: { userId: string; system: PersonalSystem },
  { verifyTls = true, ca }: TlsChoice,
): Promise<void> {
  await store.saveTls(db, place, { isVerified: verifyTls, certificate: ca })
}

function toTls(row: store.TlsRow | undefined): TlsChoice {
  if (row === undefined) return {}
  return {
    verifyTls: row.is_verified,
    ...(row.certificate === null ? {} : { ca: row.certificate }),
  }
}

/** @throws AppError `certificate.*` */
export function chooseTls({ verify, certificate }: TlsForm, stored: TlsChoice): TlsChoice {
  const ca = certificate === undefined ? stored.ca : readAuthorityOrNone(certificate)
  return { verifyTls: verify, ...(ca === undefined ? {} : { ca }) }
}

export function isSameTls(one: TlsChoice, other: TlsChoice): boolean {
  return (one.verifyTls ?? true) === (other.verifyTls ?? true) && one.ca === other.ca
}

function readAuthorityOrNone(text: string): string | undefined {
  return text.trim() === '' ? undefined : readAuthority(text).pem
}

function requireSecrets(
  system: KeptSystem,
  secrets: Readonly<Record<SecretName, Secret | undefined>>,
): void {
  const fields: FieldError[] = (['key', 'token'] as const)
    .filter((name) => secretsOf[system].names[name]?.isNeeded === true)
    .filter((name) => secrets[name] === undefined)
    .map((name) => ({ pointer: pointers[system][name], ...missing }))
  if (fields.length > 0) throw new AppError('request.invalid', { fields })
}

const missing = {
  message_en: 'Type it here; a stored one is used for the same server only.',
  message_he: 'יש להקליד כאן; ערך שמור משמש לאותו שרת בלבד.',
}

function cleanAddress(baseUrl: string): string {
  return baseUrl.trim().replace(/\/+$/, '')
}

function isSameOrigin(one: string, other: string): boolean {
  return URL.parse(one)?.origin === URL.parse(other)?.origin
}

const hintLength = 4

/** The end of a secret, for recognising it; nothing of one that is short. */
function hintOf(secret: Secret | undefined): string | null {
  if (secret === undefined) return null
  const text = secret.reveal()
  return text.length >= hintLength * 3 ? text.slice(-hintLength) : ''
}
