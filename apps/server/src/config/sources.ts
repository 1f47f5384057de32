import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a value was set: `environment`, or the name of the file. */
export type Source = string

export type Sources = {
  /** One value a name: the environment wins over `.env`, which wins over the file of NODE_ENV. */
  readonly values: Environment
  readonly sourceOf: ReadonlyMap<string, Source>
  /** Names of the files that were read, the winning one first. */
  readonly files: readonly string[]
}

/**
 * Puts together what the process was given and what stands in `.env` and `.env.<NODE_ENV>` of a
 * folder. A file that is absent is nothing; one that cannot be read is an error.
 *
 * @param environment of the process; an empty value counts as absent
 */
export function readSources(environment: Environment, directory: string): Sources {
  const given = present(environment)
  const own = readFile(join(directory, '.env'))
  const mode = given['NODE_ENV'] ?? own?.['NODE_ENV'] ?? 'development'
  const shared = /^[a-z]+$/.test(mode) ? readFile(join(directory, `.env.${mode}`)) : undefined
  const layers: [Source, Record<string, string> | undefined][] = [
    [`.env.${mode}`, shared],
    ['.env', own],
    ['environment', given],
  ]
  const values: Record<string, string> = {}
  const sourceOf = new Map<string, Source>()
  for (const [source, layer] of layers)
    for (const [name, value] of Object.entries(layer ?? {})) {
      values[name] = value
      sourceOf.set(name, source)
    }
  dropOutranked(values, sourceOf)
  const files = layers.flatMap(([source, layer]) =>
    layer === undefined || source === 'environment' ? [] : [source],
  )
  return { values, sourceOf, files: files.toReversed() }
}

/** `X_FILE` of the environment outranks an `X` of a file, and the other way round. */
function dropOutranked(values: Record<string, string>, sourceOf: Map<string, Source>): void {
  const isGiven = (name: string) => sourceOf.get(name) === 'environment'
  for (const name of sourceOf.keys()) {
    const twin = `${name}_FILE`
    if (!sourceOf.has(twin) || isGiven(name) === isGiven(twin)) continue
    const loser = isGiven(name) ? twin : name
    delete values[loser]
    sourceOf.delete(loser)
  }
}

function present(environment: Environment): Record<string, string> {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(set) as Record<string, string>
}

function readFile(path: string): Record<string, string> | undefined {
  try {
    return present(parseEnv(readFileSync(path, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
