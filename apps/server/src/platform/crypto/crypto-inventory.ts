/** One use of cryptography (ASVS 11.1.2). */
export type CryptoUse = {
  readonly what: string
  readonly algorithm: string
  readonly key: string
  /** File below `apps/server`, or of the library that does it. */
  readonly where: string
  readonly rotated: string
}

const byRotation = 'wrapped anew by `studioops keys rotate`'
const fromRoot = 'HKDF-SHA-256 of the root secret'

/** Every use, for docs/crypto-inventory.md. */
export const cryptoInventory: readonly CryptoUse[] = [
  {
    what: 'Master key',
    algorithm: '32 random bytes; HKDF-SHA-256 makes the wrapping key and the fingerprint of it',
    key: '`keys/master.key` (0600), `STUDIOOPS_MASTER_KEY`, its file, or a command',
    where: 'src/platform/crypto/master-keys.ts',
    rotated: 'by `studioops keys rotate`, while the product runs',
  },
  {
    what: 'Data keys, one a person',
    algorithm: 'AES-256-GCM, random 96-bit IV, 128-bit tag; bound to the person',
    key: 'the master key',
    where: 'src/platform/crypto/envelope.ts',
    rotated: byRotation,
  },
  {
    what: 'Stored secrets: tokens, cookies, model keys',
    algorithm: 'AES-256-GCM, the same; bound to table, column, row and person',
    key: 'the data key of the person',
    where: 'src/platform/crypto/keyring.ts',
    rotated: 'when it is entered again',
  },
  {
    what: 'Root secret and pepper',
    algorithm: 'AES-256-GCM, the same; bound to their names',
    key: 'the master key',
    where: 'src/platform/crypto/open-keyring.ts',
    rotated: byRotation,
  },
  {
    what: 'Sealed proofs of a step, such as of a registration',
    algorithm: 'AES-256-GCM with an end time, a key for each purpose',
    key: fromRoot,
    where: 'src/platform/crypto/keyring.ts',
    rotated: 'by `studioops keys reset` only; they live for minutes',
  },
  {
    what: 'Passwords',
    algorithm: 'bcrypt (cost 12) over base64(HMAC-SHA-256(pepper, NFKC))',
    key: 'the pepper',
    where: 'src/platform/crypto/passwords.ts',
    rotated: 'when the password is changed',
  },
  {
    what: 'Session tokens',
    algorithm: 'JWT, HMAC-SHA-256 (`jose`); refresh values as SHA-256',
    key: fromRoot,
    where: 'src/features/accounts/accounts.sessions.ts',
    rotated: 'with each renewal of a session; the key by `studioops keys reset` only',
  },
  {
    what: 'Tokens of our own pages against forged requests',
    algorithm: 'HMAC-SHA-256 over session and nonce',
    key: fromRoot,
    where: 'src/features/accounts/accounts.sessions.ts',
    rotated: 'with each session',
  },
  {
    what: 'Chain of the audit log',
    algorithm: 'SHA-256 over the hash before and a JSON array',
    key: 'none; anchors lie in the log and in a file',
    where: 'src/platform/audit/audit-chain.ts',
    rotated: 'never',
  },
  {
    what: 'Fingerprints of requests, payloads, settings and files',
    algorithm: 'SHA-256, HMAC-SHA-256 where the value is secret',
    key: fromRoot,
    where: 'src/features/connections/connections.service.ts',
    rotated: 'never kept longer than the process, or public',
  },
  {
    what: 'Connections to Jira, models and other systems',
    algorithm: 'TLS 1.2 and 1.3 of Node.js; own certificate authorities where given',
    key: 'of the other side',
    where: 'src/platform/outbound/outbound.ts',
    rotated: 'by the other side',
  },
]
