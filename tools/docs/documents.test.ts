import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDocuments, writeDocuments } from './documents.ts'

const repository = join(import.meta.dirname, '../..')

describe('our documents', () => {
  it('say what the code says; npm run docs writes them', async () => {
    const outcomes = await checkDocuments(repository)
    expect(outcomes.filter(({ kind }) => kind !== 'same' && kind !== 'absent')).toEqual([])
  })
})

describe('a document', () => {
  let root: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'studioops-docs-'))
  })
  afterEach(() => rm(root, { recursive: true }))

  const list = (text: string | undefined) => [{ path: 'docs/a.md', render: async () => text }]

  it('is written where it is missing or differs, and left alone where it is right', async () => {
    expect(await checkDocuments(root, list('one\n'))).toEqual([
      { path: 'docs/a.md', kind: 'missing' },
    ])
    expect(await writeDocuments(root, list('one\n'))).toMatchObject([{ kind: 'written' }])
    expect(await readFile(join(root, 'docs/a.md'), 'utf8')).toBe('one\n')
    expect(await writeDocuments(root, list('one\n'))).toMatchObject([{ kind: 'same' }])
    expect(await writeDocuments(root, list('two\n'))).toMatchObject([{ kind: 'written' }])
  })

  it.each([
    ['one\ntwo\n', 'same', undefined],
    ['one\r\ntwo\r\n', 'same', undefined],
    ['one\n2\n', 'different', 2],
    ['one\ntwo\nthree\n', 'different', 3],
    ['', 'different', 1],
  ])('with the text %j is %s', async (text, kind, line) => {
    await writeDocuments(root, list('x'))
    await writeFile(join(root, 'docs/a.md'), text)
    expect(await checkDocuments(root, list('one\ntwo\n'))).toMatchObject([
      { kind, ...(line === undefined ? {} : { line }) },
    ])
  })

  it('that is only completed is left out where it does not exist', async () => {
    expect(await writeDocuments(root, list(undefined))).toMatchObject([{ kind: 'absent' }])
  })

  it('whose input is wrong says why, and does not keep the others from being written', async () => {
    const broken = {
      path: 'docs/b.md',
      render: () => Promise.reject(new Error('0007.md needs a title')),
    }
    expect(await writeDocuments(root, [broken, ...list('one')])).toEqual([
      { path: 'docs/b.md', kind: 'failed', reason: '0007.md needs a title' },
      { path: 'docs/a.md', kind: 'written' },
    ])
  })
})
