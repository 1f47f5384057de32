import { hasExtension } from './pglite-extensions.ts'

/** The major version of PostgreSQL that PGlite is. */
export const pgliteMajor = 18

/** What is known of the database that migrations are for. */
export type ElaborationTarget = {
  /** Such as 18. */
  readonly major: number
  /** Extensions that the migrations make or that the database has. */
  readonly extensions: readonly string[]
  /** Whether a scratch database may be made beside the target (`CREATEDB`). */
  readonly canCreateDatabase: boolean
  /** Major version of the server that was named for scratch databases, where one was. */
  readonly shadowServerMajor?: number | undefined
}

/** Where the migrations are replayed, and why there. */
export type Elaborator =
  | { readonly kind: 'pglite'; readonly because: string }
  | {
      readonly kind: 'server'
      /** The server that was named for it, or the one that the target lies on. */
      readonly where: 'shadow-server' | 'target-server'
      readonly because: string
    }
  /** Nothing can be proven; `because` names the version or the extensions. */
  | {
      readonly kind: 'needs-server'
      readonly because: string
      readonly extensions: readonly string[]
    }

/** Chooses by section 4.2: PGlite where it is the same thing, else a scratch database, else nothing. */
export function chooseElaborator(target: ElaborationTarget): Elaborator {
  const missing = target.extensions.filter((name) => !hasExtension(name)).toSorted()
  const because = whyNotPglite(target, missing)
  if (because === undefined)
    return {
      kind: 'pglite',
      because: `PGlite is PostgreSQL ${pgliteMajor} and has every extension that is used`,
    }
  if (target.shadowServerMajor === target.major)
    return { kind: 'server', where: 'shadow-server', because }
  if (target.canCreateDatabase) return { kind: 'server', where: 'target-server', because }
  return {
    kind: 'needs-server',
    because: `${because}; ${whyNoServer(target)}`,
    extensions: missing,
  }
}

function whyNotPglite(
  { major }: ElaborationTarget,
  missing: readonly string[],
): string | undefined {
  const reasons = [
    major === pgliteMajor
      ? undefined
      : `the database is PostgreSQL ${major} and PGlite is ${pgliteMajor}`,
    missing.length === 0 ? undefined : `PGlite does not have ${missing.join(', ')}`,
  ].filter((reason) => reason !== undefined)
  return reasons.length === 0 ? undefined : reasons.join(', and ')
}

function whyNoServer({ major, shadowServerMajor }: ElaborationTarget): string {
  const remedy = `name a PostgreSQL ${major} in SHADOW_DATABASE_URL or grant CREATEDB`
  if (shadowServerMajor === undefined) return remedy
  return `the server in SHADOW_DATABASE_URL is PostgreSQL ${shadowServerMajor}: ${remedy}`
}
