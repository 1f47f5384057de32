import { createHash, randomBytes } from 'node:crypto'
import type { SecondFactor } from '@studioops/contracts/accounts'
import { limits } from '@studioops/contracts/limits'
import { Secret as OtpSecret, TOTP } from 'otpauth'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { Delays } from './accounts.delays.ts'
import * as store from './accounts.second-factor.store.ts'

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly audit: Audit
  readonly delays: Delays
  readonly clock?: () => Date
}

export type SecondFactors = ReturnType<typeof createSecondFactors>

const periodSeconds = 30

/**
 * Codes of an authenticator app (RFC 6238) beside the password (D-18): steps of 30 seconds, no step
 * before or after, each code once; and recovery codes of 128 bits for a lost device.
 */
export function createSecondFactors(dependencies: Dependencies) {
  const { database, keyring, audit, delays } = dependencies
  const clock = dependencies.clock ?? (() => new Date())

  const dataKey = (userId: string) => database.asUser(userId, store.findWrappedKey)

  async function open(userId: string, encrypted: string): Promise<TOTP> {
    const secret = keyring.decrypt(await dataKey(userId), placeOf(userId), encrypted)
    return totpOf(OtpSecret.fromBase32(secret.reveal()))
  }

  async function isRight(db: Db, { code, totp }: { code: string; totp: TOTP }): Promise<boolean> {
    const plain = code.replaceAll(/[\s-]/g, '').toLowerCase()
    if (!/^\d{6}$/.test(plain)) return store.takeCode(db, hashOf(plain))
    const now = clock().getTime()
    if (totp.validate({ token: plain, timestamp: now, window: 0 }) === null) return false
    return store.takeStep(db, Math.floor(now / 1_000 / periodSeconds))
  }

  const describe = async (db: Db): Promise<SecondFactor> => {
    const since = (await store.findFactor(db))?.confirmed_at ?? undefined
    return {
      isOn: since !== undefined,
      ...(since === undefined ? {} : { since: since.toISOString() }),
      codesLeft: await store.countCodes(db),
      isRequired: await store.isRequired(db),
    }
  }

  async function makeCodes(db: Db, userId: string): Promise<string[]> {
    const codes = Array.from({ length: limits.recoveryCodes }, makeCode)
    await store.replaceCodes(
      db,
      userId,
      codes.map((code) => hashOf(code.replaceAll('-', ''))),
    )
    return codes
  }

  return {
    show: (userId: string) => database.asUser(userId, describe),

    /**
     * The code of somebody who has a second factor; nothing where there is none.
     *
     * @throws AppError `login.code-needed`, `login.code-wrong`, `login.too-many`
     */
    async require(userId: string, code: string | undefined): Promise<void> {
      const factor = await database.asUser(userId, store.findFactor)
      if (factor === undefined || factor.confirmed_at === null) return
      if (code === undefined) throw new AppError('login.code-needed')
      const keys = [{ key: `code ${userId}`, free: 2 }]
      const tried = await delays.begin(keys)
      const totp = await open(userId, factor.encrypted_secret)
      if (await database.asUser(userId, (db) => isRight(db, { code, totp }))) return tried.succeed()
      await tried.fail()
      throw new AppError('login.code-wrong')
    },

    /** @throws AppError `second-factor.is-on` */
    async begin(userId: string, label: string): Promise<{ secret: string; uri: string }> {
      const secret = new OtpSecret({ size: 20 })
      const wrapped = await dataKey(userId)
      const encrypted = keyring.encrypt(wrapped, placeOf(userId), new Secret(secret.base32))
      const isKept = await database.asUser(userId, (db) => store.keepSecret(db, userId, encrypted))
      if (!isKept) throw new AppError('second-factor.is-on')
      return { secret: secret.base32, uri: totpOf(secret, label).toString() }
    },

    /** @throws AppError `login.code-wrong`, `login.too-many`, `second-factor.is-on` */
    async confirm(userId: string, code: string): Promise<string[]> {
      const factor = await database.asUser(userId, store.findFactor)
      if (factor === undefined) throw new AppError('login.code-wrong')
      if (factor.confirmed_at !== null) throw new AppError('second-factor.is-on')
      const keys = [{ key: `code ${userId}`, free: 5 }]
      const tried = await delays.begin(keys)
      const totp = await open(userId, factor.encrypted_secret)
      const codes = await database.asUser(userId, async (db) => {
        if (!(await isRight(db, { code, totp }))) return undefined
        await store.confirm(db)
        const made = await makeCodes(db, userId)
        const target = `user:${userId}`
        await audit.record({ actorId: userId, action: 'factor.add', target, outcome: 'done' }, db)
        return made
      })
      if (codes !== undefined) return codes
      await tried.fail()
      throw new AppError('login.code-wrong')
    },

    /** @throws AppError `second-factor.required` */
    remove: (userId: string): Promise<SecondFactor> =>
      database.asUser(userId, async (db) => {
        if (await store.isRequired(db)) throw new AppError('second-factor.required')
        await store.removeFactor(db)
        const after = await describe(db)
        const target = `user:${userId}`
        await audit.record(
          { actorId: userId, action: 'factor.remove', target, outcome: 'done' },
          db,
        )
        return after
      }),

    /** @throws AppError `second-factor.is-off` */
    remakeCodes: (userId: string): Promise<string[]> =>
      database.asUser(userId, async (db) => {
        const factor = await store.findFactor(db)
        if (factor === undefined || factor.confirmed_at === null)
          throw new AppError('second-factor.is-off')
        const codes = await makeCodes(db, userId)
        const entry = { action: 'recovery-codes.make', target: `user:${userId}` } as const
        await audit.record({ ...entry, actorId: userId, outcome: 'done' }, db)
        return codes
      }),
  }
}

function placeOf(userId: string) {
  return { table: 'second_factors', column: 'encrypted_secret', rowId: userId, userId }
}

function totpOf(secret: OtpSecret, label = ''): TOTP {
  const options = { issuer: 'StudioOps', digits: 6, period: periodSeconds, algorithm: 'SHA1' }
  return new TOTP({ ...options, label, secret })
}

/** 128 bits in base32, in groups that one can read aloud. */
function makeCode(): string {
  const text = new OtpSecret({ buffer: Uint8Array.from(randomBytes(16)).buffer }).base32
  return (
    text
      .replaceAll('=', '')
      .toLowerCase()
      .match(/.{1,7}/g) ?? []
  ).join('-')
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('base64url')
}
