import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Claim, FoundLedger } from './detect-ledgers.ts'
import type { Tool } from './other-tools.ts'

/** A file of another tool. */
export type ToolFile = {
  /** Path below the tool's folder, with `/`, such as `20240101_init/migration.sql`. */
  readonly path: string
  readonly text: string
}

/** What a ledger says about a set of files. */
export type ClaimedFiles = {
  /** Paths of files that it claims, in the order of their versions. */
  readonly applied: readonly string[]
  /** Of those, files that have been changed since; only tools with checksums can tell. */
  readonly edited: readonly string[]
  /** Paths of files that it does not claim. */
  readonly pending: readonly string[]
  /** Claims for which there is no file. */
  readonly unmatched: readonly Claim[]
}

type Matching = {
  /** The id under which the tool records the file; undefined for files that are no migrations. */
  idOf(file: ToolFile): string | undefined
  /** Whether a checksum that the tool has stored is the file's; undefined: the tool keeps none. */
  isUnchanged?(file: ToolFile, checksum: string): boolean
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const nameOf = ({ path }: ToolFile) => path.slice(path.lastIndexOf('/') + 1)
const isUp = ({ path }: ToolFile) => path.endsWith('.sql') && !path.endsWith('.down.sql')
const digitsOf = (file: ToolFile) => (isUp(file) ? /^\d+/.exec(nameOf(file))?.[0] : undefined)
const byDigits: Matching = { idOf: digitsOf }
const byName: Matching = { idOf: (file) => nameOf(file).replace(/(\.up)?\.[^.]+$/, '') }

const matchings: Partial<Record<Tool, Matching>> = {
  drizzle: { idOf: (file) => (isUp(file) ? sha256(file.text) : undefined) },
  prisma: {
    idOf: ({ path }) => /(?:^|\/)([^/]+)\/migration\.sql$/.exec(path)?.[1],
    // Newer versions take either form of the line ends for the same file.
    isUnchanged(file, checksum) {
      const lf = file.text.replaceAll('\r\n', '\n')
      return [file.text, lf, lf.replaceAll('\n', '\r\n')].some((text) => sha256(text) === checksum)
    },
  },
  'node-pg-migrate': byName,
  'golang-migrate': {
    idOf: (file) => (file.path.endsWith('.up.sql') ? digitsOf(file) : undefined),
  },
  flyway: {
    idOf(file) {
      const name = nameOf(file)
      if (/^R__.*\.sql$/.test(name)) return name
      return /^V(.+?)__.*\.sql$/.exec(name)?.[1]?.replaceAll('_', '.')
    },
    isUnchanged: (file, checksum) => flywayChecksum(file.text) === Number(checksum),
  },
  postgrator: {
    idOf: (file) => /^(\d+)\.do\.(.*\.)?sql$/.exec(nameOf(file))?.[1],
    isUnchanged(file, checksum) {
      const lf = file.text.replaceAll('\r\n', '\n')
      return [file.text, lf, lf.replaceAll('\n', '\r\n')].some(
        (text) => createHash('md5').update(text).digest('hex') === checksum,
      )
    },
  },
  'graphile-migrate': {
    // The ledger leaves the message out of the name: `000001-start.sql` is `000001.sql` there.
    idOf(file) {
      const digits = /^(\d+)(?:-.*)?\.sql$/.exec(nameOf(file))?.[1]
      return digits === undefined ? undefined : `${digits}.sql`
    },
    isUnchanged: (file, checksum) => graphileHash(file.text) === checksum,
  },
  dbmate: byDigits,
  goose: byDigits,
  supabase: byDigits,
  sqlx: {
    idOf: digitsOf,
    isUnchanged: (file, checksum) =>
      createHash('sha384').update(file.text).digest('hex') === checksum,
  },
}

/** Tools whose migrations are files of SQL that can be matched with their ledger. */
export function canMatch(tool: Tool): boolean {
  return matchings[tool] !== undefined
}

/**
 * Matches a ledger with the files of its tool, by the tool's own names and checksums. Nothing is
 * proven by it: the replay of exactly these files has to give the live database.
 *
 * @returns undefined for tools whose migrations are not files of SQL
 */
export function claimedFiles(
  { tool, coverage, claims }: Pick<FoundLedger, 'tool' | 'coverage' | 'claims'>,
  files: readonly ToolFile[],
): ClaimedFiles | undefined {
  const matching = matchings[tool]
  if (matching === undefined) return undefined
  const known = files
    .flatMap((file) => {
      const id = matching.idOf(file)
      return id === undefined ? [] : [{ file, id }]
    })
    .toSorted(
      (left, right) => compareIds(left, right) || (left.file.path < right.file.path ? -1 : 1),
    )
  const claimed = known.flatMap(({ file, id }) => {
    const claim = claimOn(id, claims, coverage)
    return claim === undefined ? [] : [{ file, id, claim }]
  })
  const paths = new Set(claimed.map(({ file }) => file.path))
  const ids = new Set(known.map(({ id }) => normal(id)))
  return {
    applied: [...paths],
    edited: claimed
      .filter(({ file, id, claim }) => isEdited(matching, { file, id, claim }))
      .map(({ file }) => file.path),
    pending: known.map(({ file }) => file.path).filter((path) => !paths.has(path)),
    unmatched: claims.filter(
      ({ id, state }) => state === 'applied' && id !== '0' && !ids.has(normal(id)),
    ),
  }
}

function claimOn(id: string, claims: readonly Claim[], coverage: FoundLedger['coverage']) {
  const exact = claims.find((claim) => normal(claim.id) === normal(id))
  if (exact !== undefined && exact.state !== 'baseline')
    return exact.state === 'applied' ? exact : undefined
  return claims.find(
    (claim) =>
      (claim.state === 'baseline' || (coverage === 'up-to' && claim.state === 'applied')) &&
      compareVersions(id, claim.id) <= 0,
  )
}

function isEdited(
  { isUnchanged }: Matching,
  { file, id, claim }: { readonly file: ToolFile; readonly id: string; readonly claim: Claim },
): boolean {
  if (isUnchanged === undefined || claim.checksum === undefined) return false
  return normal(claim.id) === normal(id) && !isUnchanged(file, claim.checksum)
}

const normal = (id: string) => (/^\d+$/.test(id) ? id.replace(/^0+(?=\d)/, '') : id)

const compareIds = (left: { id: string; file: ToolFile }, right: { id: string; file: ToolFile }) =>
  /^[0-9a-f]{64}$/.test(left.id) ? 0 : compareVersions(left.id, right.id)

/** `1.10` after `1.9`; parts that are no numbers are compared as text. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split('.'), right.split('.')]
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [one, other] = [a[at] ?? '0', b[at] ?? '0']
    const order =
      /^\d+$/.test(one) && /^\d+$/.test(other)
        ? Number(BigInt(one) - BigInt(other))
        : one.localeCompare(other, 'en')
    if (order !== 0) return Math.sign(order)
  }
  return 0
}

/** CRC-32 over the lines without their ends and without BOM, as a signed number. */
function flywayChecksum(text: string): number {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.reduce((sum, line) => crc32(line, sum), 0) | 0
}

/** The header says what came before; the hash covers that and the body. */
function graphileHash(text: string): string {
  const lines = text.split('\n')
  const body = lines.findIndex((line) => !line.startsWith('--!'))
  const header = lines.slice(0, body)
  const previous = header.flatMap((line) => /^--! Previous: *(\S+)/.exec(line)?.[1] ?? [])[0] ?? '-'
  const chained = `${previous === '-' ? '' : previous}\n${lines.slice(body).join('\n').trim()}`
  return `sha1:${createHash('sha1').update(`${chained.trim()}\n`).digest('hex')}`
}
