import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, ResolvedConfig, Rolldown } from 'vite'

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const readScript = () =>
  readFileSync(path.join(import.meta.dirname, 'direction-script.js'), 'utf8').trim()

/** Inlines what has to run before the first paint and the first module: language, direction, theme (HE-1). */
export function directionScript(): Plugin {
  return {
    name: 'studioops:direction-script',
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replace('<!-- direction-script -->', () => `<script>${readScript()}</script>`),
    },
  }
}

/**
 * Writes `csp.json` beside `index.html`: the hashes that a strict Content-Security-Policy has to
 * list, as `{ scriptSrc: string[], styleSrc: string[] }`, quotes included.
 */
export function contentSecurityHashes(): Plugin {
  return {
    name: 'studioops:csp',
    apply: 'build',
    generateBundle() {
      const hashes = { scriptSrc: [hashOf(readScript())], styleSrc: reactAriaStyles().map(hashOf) }
      this.emitFile({
        type: 'asset',
        fileName: 'csp.json',
        source: `${JSON.stringify(hashes, undefined, 2)}\n`,
      })
    },
  }
}

/**
 * The style elements that React Aria adds by itself (on a press; on iOS below a dialog): read from
 * its source, so that an upgrade cannot leave a stale hash.
 */
function reactAriaStyles(): string[] {
  const folder = path.dirname(createRequire(import.meta.url).resolve('react-aria/package.json'))
  const files = ['interactions/usePress.mjs', 'overlays/usePreventScroll.mjs']
  return files.map((file) => {
    const source = readFileSync(path.join(folder, 'dist/private', file), 'utf8')
    const attribute = /PRESSABLE_ATTRIBUTE = '([^']+)'/.exec(source)?.[1] ?? ''
    const text = /style\.textContent = `([^`]*)`\.trim\(\)/.exec(source)?.[1]
    if (text === undefined)
      throw new Error(`React Aria's ${file} adds its styles differently now: see build-plugins.ts`)
    return text.replace(/\$\{[^}]*PRESSABLE_ATTRIBUTE\}/, attribute).trim()
  })
}

const foreignStrings =
  /\/(?:react-aria|react-stately|react-aria-components)\/dist\/.*\/(\w\w-\w\w)\.mjs$/

/** React Aria brings its own strings in thirty languages; the page speaks two. */
export function ourLocalesOnly(): Plugin {
  return {
    name: 'studioops:our-locales-only',
    enforce: 'pre',
    load(id) {
      const locale = foreignStrings.exec(id.replaceAll('\\', '/'))?.[1]
      if (locale === undefined || locale === 'en-US' || locale === 'he-IL') return undefined
      return 'export default {}'
    },
  }
}

/** Prints what a browser has to load before it can show anything: the entry and all it imports. */
export function firstLoadSize(): Plugin {
  let config: ResolvedConfig | undefined
  return {
    name: 'studioops:first-load-size',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved
    },
    writeBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk')
      const bytes = firstLoad(chunks)
        .map((chunk) => gzipSync(chunk.code, { level: 9 }).length)
        .reduce((sum, size) => sum + size, 0)
      config?.logger.info(`first load: ${(bytes / 1_024).toFixed(1)} KB of JavaScript (gzip)`)
    },
  }
}

function firstLoad(chunks: readonly Rolldown.OutputChunk[]): readonly Rolldown.OutputChunk[] {
  const wanted = new Set(chunks.filter((chunk) => chunk.isEntry))
  // A Set that grows while it is walked through is walked through to its new end.
  for (const { imports } of wanted)
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) wanted.add(chunk)
  return [...wanted]
}
