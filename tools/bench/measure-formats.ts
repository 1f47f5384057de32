import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import {
  parseMarkdown,
  parseStorage,
  parseWiki,
  renderAdf,
  renderMarkdown,
  renderStorage,
  renderWiki,
} from '../../apps/server/src/integrations/markup/markup.ts'
import { corpus } from '../../apps/server/src/testing/markup/corpus.ts'
import { type Line, median, ratios, spread } from './figures.ts'

/** Pinned: what is compared has to be said. */
const versions = { marked: '18.2.1', marklassian: '1.2.1', jira2md: '3.0.1' } as const

const cache = join(import.meta.dirname, '../../.runtime/bench-formats')

async function installPeers(): Promise<void> {
  await mkdir(cache, { recursive: true })
  const stamp = join(cache, 'installed.json')
  const wanted = JSON.stringify(versions)
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return
  await writeFile(join(cache, 'package.json'), '{ "private": true, "type": "module" }\n')
  await writeFile(join(cache, 'load.mjs'), 'export const load = (name) => import(name)\n')
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  await promisify(execFile)('npm', ['install', ...flags, ...packages], { cwd: cache })
  await writeFile(stamp, wanted)
}

// What the peers export is theirs; only these few calls are made.
type Loaded = Record<string, any> // oxlint-disable-line no-explicit-any -- foreign packages without types here

async function load(name: string): Promise<Loaded> {
  const { load: loader } = (await import(pathToFileURL(join(cache, 'load.mjs')).href)) as {
    load: (name: string) => Promise<Loaded>
  }
  return loader(name)
}

type Race = {
  readonly what: string
  readonly source: string
  readonly ours: (source: string) => unknown
  readonly peer?: (source: string) => unknown
}

/** Ours beside others on the same text, in turns. */
export async function measureFormats({
  rounds,
  passes,
}: {
  readonly rounds: number
  readonly passes: number
}): Promise<Line[]> {
  await installPeers()
  const [marked, marklassian, jira2md] = await Promise.all(
    Object.keys(versions).map((name) => load(name)),
  )
  const text = (format: string) =>
    corpus
      .filter((one) => one.format === format)
      .map(({ source }) => source)
      .join('\n\n')
  const [markdown, wiki, storage] = [text('markdown'), text('wiki'), text('storage')]
  const toMarkdown = jira2md?.['default'] ?? jira2md
  const races: readonly Race[] = [
    {
      what: 'Markdown to ADF, beside marklassian',
      source: markdown,
      ours: (source) => renderAdf(parseMarkdown(source)),
      peer: (source) => marklassian?.['markdownToAdf'](source),
    },
    {
      what: 'Markdown to storage, beside marked to HTML',
      source: markdown,
      ours: (source) => renderStorage(parseMarkdown(source)),
      peer: (source) => marked?.['parse'](source),
    },
    {
      what: 'wiki markup to Markdown, beside jira2md',
      source: wiki,
      ours: (source) => renderMarkdown(parseWiki(source)),
      peer: (source) => toMarkdown['to_markdown'](source),
    },
    {
      what: 'Markdown to wiki markup, beside jira2md',
      source: markdown,
      ours: (source) => renderWiki(parseMarkdown(source)),
      peer: (source) => toMarkdown['to_jira'](source),
    },
    {
      what: 'storage to Markdown',
      source: storage,
      ours: (source) => renderMarkdown(parseStorage(source)),
    },
  ]
  return races.flatMap((race) => linesOf(race, { rounds, passes }))
}

function linesOf(
  { what, source, ours, peer }: Race,
  { rounds, passes }: { readonly rounds: number; readonly passes: number },
): Line[] {
  const time = (work: (text: string) => unknown) => {
    const start = performance.now()
    for (let pass = 0; pass < passes; pass += 1) work(source)
    return (performance.now() - start) / passes
  }
  time(ours)
  const own: number[] = []
  const other: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    own.push(time(ours))
    if (peer !== undefined) other.push(time(peer))
  }
  const size = `${(source.length / 1_000).toFixed(1)} kB`
  const lines: Line[] = [{ bench: 'formats', what: `${what} (${size}), ms`, value: spread(own, 2) }]
  if (peer === undefined) return lines
  const shares = ratios(own, other)
  return [
    ...lines,
    {
      bench: 'formats',
      what: `  time of ours by the other's (${median(other).toFixed(2)} ms)`,
      value: spread(shares, 2),
    },
  ]
}
