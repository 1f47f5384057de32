import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DirectoryTool } from './read-directory.ts'

type Placeholders = Readonly<Record<string, string>>
type Reader = (text: string) => Placeholders

/** `flyway.placeholders.reader=app` */
const readFlywayConf: Reader = (text) =>
  entriesOf(text, /^\s*flyway\.placeholders\.([\w:.-]+)\s*=\s*(.*?)\s*$/gm)

/** Lines `reader = "app"` below `[flyway.placeholders]`. */
const readFlywayToml: Reader = (text) => {
  const table = /^\[flyway\.placeholders\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? ''
  return entriesOf(table, /^\s*"?([\w:.-]+)"?\s*=\s*["'](.*?)["']\s*$/gm)
}

/** `"placeholders": { ":APP_USER": "app" }`; values from the environment are not looked up. */
const readGmrc: Reader = (text) => {
  const block = /"?placeholders"?\s*:\s*\{([^}]*)\}/.exec(text)?.[1] ?? ''
  const written = entriesOf(block, /^\s*["'](:[A-Z][A-Z0-9_]*)["']\s*:\s*["'](.*?)["']\s*,?\s*$/gm)
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== '!ENV'))
}

function entriesOf(text: string, pattern: RegExp): Placeholders {
  return Object.fromEntries(
    [...text.matchAll(pattern)].map(([, name = '', value = '']) => [name, value]),
  )
}

/** Where each tool keeps its configuration, seen from the directory of the migrations. */
const files: Partial<Record<DirectoryTool, readonly (readonly [path: string, read: Reader])[]>> = {
  flyway: [
    ['../conf/flyway.conf', readFlywayConf],
    ['../conf/flyway.toml', readFlywayToml],
    ['../flyway.conf', readFlywayConf],
    ['../flyway.toml', readFlywayToml],
    ['flyway.conf', readFlywayConf],
    ['flyway.toml', readFlywayToml],
  ],
  'graphile-migrate': [
    ['../../.gmrc', readGmrc],
    ['../.gmrc', readGmrc],
    ['.gmrc', readGmrc],
  ],
}

/** What the tool's own configuration says that placeholders stand for; the nearest file wins. */
export async function readPlaceholders(
  directory: string,
  tool: DirectoryTool,
): Promise<Placeholders> {
  const found = await Promise.all(
    (files[tool] ?? []).map(async ([path, read]) => {
      const text = await readFile(join(directory, path), 'utf8').catch(() => undefined)
      return text === undefined ? {} : read(text)
    }),
  )
  return Object.assign({}, ...found) as Placeholders
}
