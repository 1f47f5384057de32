import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importTarget, repositoryPath } from './import-target.ts'

const workspaces = new Map([['@studioops/contracts', 'packages/contracts/src']])
const from = 'apps/server/src/features/documents/documents.service.ts'
const repository = { root: '/work/studioops', path: posix, workspaces }

describe('the path of a file', () => {
  it('is written with slashes on every system', () => {
    const windows = { root: 'C:\\work\\studioops', path: win32, workspaces }
    expect(repositoryPath(windows, 'C:\\work\\studioops\\apps\\web\\src\\main.tsx')).toBe(
      'apps/web/src/main.tsx',
    )
    expect(repositoryPath(repository, '/work/studioops/apps/web/src/main.tsx')).toBe(
      'apps/web/src/main.tsx',
    )
  })
})

describe('the target of an import', () => {
  it.each([
    ['../projects/index.ts', 'apps/server/src/features/projects/index.ts'],
    ['./documents.store.ts', 'apps/server/src/features/documents/documents.store.ts'],
    ['./notes.md?raw', 'apps/server/src/features/documents/notes.md'],
    ['@studioops/contracts/documents', 'packages/contracts/src'],
    ['@fastify/cookie', '@fastify/cookie'],
    ['openai/streaming', 'openai'],
    ['node:fs/promises', 'node:fs'],
  ])('of %s is %s', (specifier, target) => {
    expect(importTarget(repository, from, specifier)).toBe(target)
  })
})
