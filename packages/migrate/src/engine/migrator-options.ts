import type { ClientConfig } from 'pg'
import type { DirectoryTool } from '../adapters/read-directory.ts'
import type { OnEvent } from '../execute/events.ts'
import type { ExecuteLimits } from '../execute/run-under-lease.ts'
import type { Target } from '../execute/session.ts'
import type { HeaderRules } from '../text/migration-header.ts'

/** How strict an environment is with what nobody has proven. */
export type Policy =
  /** Applies and warns. */
  | 'development'
  /** Refuses what is not proven, and what destroys data without saying so. */
  | 'production'

export type MigratorOptions = {
  /** Where the files lie. */
  readonly directory: string
  readonly headers?: HeaderRules | undefined
  /** Whose habits the directory follows; default `auto`: told from what lies there. */
  readonly tool?: DirectoryTool | 'auto' | undefined
  /** What stands for the placeholders of Flyway and graphile-migrate. */
  readonly placeholders?: Readonly<Record<string, string>> | undefined
  readonly target: Target
  /** Recorded with each migration; any text. */
  readonly appVersion: string
  /** Default `production`. */
  readonly policy?: Policy | undefined
  /** The same server, for a scratch database beside the target where PGlite does not serve. */
  readonly connection?: ClientConfig | undefined
  /** Another server for scratch databases (`SHADOW_DATABASE_URL`). */
  readonly shadowServer?: ClientConfig | undefined
  /** Where images of replayed prefixes are kept; undefined: nowhere, and each plan replays them all. */
  readonly imageDirectory?: string | undefined
  /** Where backups and pre-images go. */
  readonly backupDirectory?: string | undefined
  /**
   * Whether the whole database is copied into `backupDirectory` before an upgrade begins, from which
   * `restoreDatabase` makes it again; default false: only what an upgrade destroys is kept.
   */
  readonly fullBackup?: boolean | undefined
  /**
   * What becomes of the committed statements of a migration that fails: `auto` (default) takes them
   * back by their inverse, `keep` leaves them, and the next run goes on behind them.
   */
  readonly rollbackOnFailure?: 'auto' | 'keep' | undefined
  readonly ledgerSchema?: string | undefined
  /** As in `SET search_path`; default: what the role has. */
  readonly searchPath?: string | undefined
  /** The role that owns what the migrations make; default: the one that connects. */
  readonly role?: string | undefined
  /** Objects about which drift is not reported and that no repair touches, such as `public.tmp_*`. */
  readonly ignore?: readonly string[] | undefined
  readonly limits?: Partial<ExecuteLimits> | undefined
  /** Hears everything; must not throw. */
  readonly onEvent?: OnEvent | undefined
  readonly signal?: AbortSignal | undefined
}
