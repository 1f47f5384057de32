import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const documents = globSync(['*.md', '{docs,deploy,packages,apps}/**/*.md'], {
  cwd: root,
  exclude: (path) => /(?:^|[\\/])(?:node_modules|dist|campaigns\.md|requirements\.md)$/.test(path),
})

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const verbs = new Set(
  [...read('apps/server/src/cli/studioops.ts').matchAll(/^ {2}([a-z]+) +(?:…|[a-z])/gm)].map(
    ([, verb]) => verb,
  ),
)

/** What a document names, and is not there. */
function missing(pattern: RegExp, isThere: (name: string, document: string) => boolean): string[] {
  return documents.flatMap((document) =>
    [...read(document).matchAll(pattern)]
      .map(([, name = '']) => name)
      .filter((name) => !isThere(name, document))
      .map((name) => `${document}: ${name}`),
  )
}

describe('what a document names is there [DPL-1]', () => {
  it('as a script of npm, also where several stand in one row', () => {
    expect(missing(/npm run ([\w:-]+)/g, (name) => name in scripts)).toEqual([])
    const others = /`((?:bench|campaign|chaos):[\w-]+)/g
    expect(missing(others, (name) => name in scripts)).toEqual([])
  })

  it('as a file, by a link or as a program of ours', () => {
    const links = /\]\((?!https?:|mailto:|#|\/)([^)#\s]+)(?:#[^)]*)?\)/g
    const isFile = (name: string, document: string) =>
      existsSync(join(root, dirname(document), decodeURIComponent(name)))
    expect(missing(links, isFile)).toEqual([])
    const programs = /\bnode ((?:apps|tools|packages)\/[\w./-]+\.(?:ts|mjs))/g
    expect(missing(programs, (name) => existsSync(join(root, name)))).toEqual([])
  })

  it('as a command of studioops', () => {
    expect(verbs.size).toBeGreaterThan(10)
    expect(missing(/`(?:npx )?studioops ([a-z]+)/g, (name) => verbs.has(name))).toEqual([])
  })
})
