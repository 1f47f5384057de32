import type { ClientConfig } from 'pg'
import type { MigratorOptions } from '../engine/migrator-options.ts'
import type { Output } from './terminal.ts'

/** What a command finds around it; nothing else of the process is touched. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths begin here. */
  readonly cwd: string
  readonly stdout: Output
  readonly stderr: Output
  /** Ends the command at the next point at which nothing is half done. */
  readonly signal: AbortSignal
  /** How people call the program, such as `studioops migrate`. */
  readonly name: string
  readonly version: string
  readonly defaults?: Defaults | undefined
}

/** What a product that ships its own migrations knows better than the command line. */
export type Defaults = {
  readonly directory?: string | undefined
  readonly backupDirectory?: string | undefined
  /** Recorded with each migration; default: this package and its version. */
  readonly appVersion?: string | undefined
  /** Of the engine, where no option says otherwise. */
  readonly migrator?: Partial<MigratorOptions> | undefined
  /** Where neither an option nor the environment names a database. */
  readonly connection?:
    | (() => Promise<{ readonly config: ClientConfig; readonly title: string }>)
    | undefined
}
