import { createHash } from 'node:crypto'
import pg, { type ClientConfig } from 'pg'
import { chooseElaborator, pgliteMajor } from '../shadow/elaborator.ts'
import { openScratchShadow, openShadow, type Shadow } from '../shadow/shadow.ts'
import type { ImageCacheOptions } from '../shadow/image-cache.ts'
import { hasExtension } from '../shadow/pglite-extensions.ts'
import type { TargetFacts } from './target.ts'

export type ShadowPlace = {
  readonly target: TargetFacts
  /** Names after CREATE EXTENSION in the files, beside what the target has. */
  readonly extensions: readonly string[]
  readonly ledgerSchema?: string | undefined
  /** Where images of prefixes are kept; undefined: nowhere. */
  readonly images?: ImageCacheOptions | undefined
  /** The target's own server, for a scratch database beside it. */
  readonly connection?: ClientConfig | undefined
  /** Another server for scratch databases, as SHADOW_DATABASE_URL names it. */
  readonly shadowServer?: ClientConfig | undefined
}

/** How to open a shadow that is like the target, as often as one is needed. */
export type ShadowSource =
  | {
      readonly kind: 'pglite' | 'server'
      /** @param checksums of the prefix that is wanted, from an image where there is one */
      readonly open: (checksums: readonly string[]) => Promise<Shadow>
    }
  | { readonly kind: 'none'; readonly because: string }

/** Raised whenever a replay comes to leave something else behind: older images are then not used. */
const replayVersion = '1'

/** Chooses where to try the migrations: section 4.2 of the engine's contract. */
export async function findShadow(place: ShadowPlace): Promise<ShadowSource> {
  const { target, connection, shadowServer } = place
  const extensions = [...new Set([...target.extensions, ...place.extensions])].toSorted()
  const isPglite = target.major === pgliteMajor && extensions.every(hasExtension)
  const chosen = chooseElaborator({
    major: target.major,
    extensions,
    canCreateDatabase: target.canCreateDatabase && connection !== undefined,
    shadowServerMajor:
      isPglite || shadowServer === undefined ? undefined : await majorOf(shadowServer),
  })
  if (chosen.kind === 'needs-server') return { kind: 'none', because: chosen.because }
  const common = {
    roles: target.roles,
    runAs: target.role,
    settings: { search_path: target.searchPath, TimeZone: target.timeZone },
    ...(place.ledgerSchema === undefined ? {} : { ledgerSchema: place.ledgerSchema }),
  }
  if (chosen.kind === 'pglite') {
    const ours = extensions.filter((name) => name !== 'plpgsql')
    return { kind: 'pglite', open: (checksums) => openHere(checksums) }
    function openHere(checksums: readonly string[]) {
      const image = place.images && {
        ...place.images,
        checksums,
        engineVersion: versionFor(target),
      }
      return openShadow({ ...common, extensions: ours, ...(image === undefined ? {} : { image }) })
    }
  }
  const server = chosen.where === 'shadow-server' ? shadowServer : connection
  if (server === undefined) return { kind: 'none', because: chosen.because }
  return { kind: 'server', open: () => openScratchShadow({ ...common, connection: server }) }
}

/** What an image holds depends on what the files found when they ran. */
function versionFor({ searchPath, timeZone, roles }: TargetFacts): string {
  const found = JSON.stringify([replayVersion, searchPath, timeZone, roles])
  return createHash('sha256').update(found).digest('hex')
}

async function majorOf(server: ClientConfig): Promise<number | undefined> {
  const client = new pg.Client({ connectionTimeoutMillis: 5_000, ...server })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ major: number }>(
      `select current_setting('server_version_num')::integer / 10000 as major`,
    )
    return rows[0]?.major
  } catch {
    // A server that does not answer is no place to try anything.
    return undefined
  } finally {
    await client.end().catch(() => {})
  }
}

const comments = /--.*$|\/\*[\s\S]*?\*\//gm

/** Extensions that a text makes, as far as a look at it tells. */
export function extensionsIn(texts: readonly string[]): string[] {
  const pattern = /\bcreate\s+extension\s+(?:if\s+not\s+exists\s+)?(?:"((?:[^"]|"")+)"|([\w-]+))/gi
  const names = texts.flatMap((text) =>
    [...text.replaceAll(comments, ' ').matchAll(pattern)].map(
      ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.toLowerCase(),
    ),
  )
  return [...new Set(names)].toSorted()
}
