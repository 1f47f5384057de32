import { defineEndpoint } from '@studioops/contracts/endpoint'
import { errorCatalog } from '@studioops/contracts/errors'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { renderEnvFile } from '../../apps/server/src/config/env-file.ts'
import { renderConfiguration } from './configuration.ts'
import { renderDecisions } from './decisions.ts'
import { renderErrors } from './errors.ts'
import { insertImportTable, renderImportTable } from './import-table.ts'
import { endpointsIn } from './openapi.ts'

describe('the configuration', () => {
  const port = {
    name: 'PORT',
    description: 'Where people come in.',
    form: 'a | b',
    default: '8080',
    required: false,
    secret: false,
  }
  const key = {
    name: 'MASTER_KEY',
    description: 'Opens secrets.',
    form: '64 hex digits',
    required: true,
    secret: true,
  }

  it('is a row per variable: purpose, form, and what happens without it', () => {
    const text = renderConfiguration([port, key, { ...port, name: 'HOSTS', default: '' }])
    expect(text).toContain('| `PORT` | Where people come in. | a \\| b | `8080` |')
    expect(text).toContain(
      '| `MASTER_KEY` | Opens secrets. A secret. | 64 hex digits | **does not start** |',
    )
    expect(text).toContain('| `HOSTS` | Where people come in. | a \\| b | empty |')
  })

  it('sets in the template only what must be set', () => {
    const text = renderEnvFile('template', [port, key])
    expect(text).toContain('\n# Where people come in.\n# Form: a | b\n# PORT=8080\n')
    expect(text).toContain('MASTER_KEY_FILE may name a file instead.')
    expect(text).toContain('\nMASTER_KEY=\n')
  })

  it('gives the container one set of variables, and the example the same [CFG-2, CFG-3]', () => {
    const variables = [{ ...port, container: '80', presets: { production: '8443' } }, key]
    const settings = (kind: 'docker' | 'example' | 'production') =>
      renderEnvFile(kind, variables)
        .split('\n')
        .filter((line) => /^#? ?[A-Z_]+=/.test(line))
    expect(settings('docker')).toEqual(['PORT=80', 'MASTER_KEY='])
    expect(settings('example')).toEqual(settings('docker'))
    expect(settings('production')).toEqual(['# PORT=8443', 'MASTER_KEY='])
  })
})

describe('the errors', () => {
  it('have an anchor, a status, and sentence and next step in both languages', () => {
    const text = renderErrors({
      'session.required': {
        status: 401,
        retry: 'fix',
        en: { message: 'Who <asks>?', next: ['Sign in.', 'Try again.'] },
        he: { message: 'מי שואל?', next: ['יש להתחבר.'] },
      },
    })
    expect(text).toContain(
      '| [session.required](#session.required) | 401 | correct it and send it again |',
    )
    expect(text).toContain('<a id="session.required"></a>')
    expect(text).toContain('**Who &lt;asks>?** Sign in. Try again.')
    expect(text).toContain('<p lang="he" dir="rtl"><strong>מי שואל?</strong> יש להתחבר.</p>')
  })
})

describe('our error catalogue', () => {
  it('has for each code what to do in Hebrew and English, and a place in the manual [ERR-5]', () => {
    const manual = renderErrors(errorCatalog)
    for (const [code, { en, he }] of Object.entries(errorCatalog)) {
      expect(manual).toContain(`<a id="${code}"></a>`)
      for (const text of [en, he]) {
        expect(text.message, code).toMatch(/\S/)
        expect(text.next, code).not.toHaveLength(0)
      }
      expect([he.message, ...he.next].join(' ')).toMatch(/[א-ת]/)
    }
  })
})

describe('the import table', () => {
  const table = renderImportTable({
    folders: { 'a/src': { may: ['b'] }, b: { may: [], libraries: ['zod'] } },
    homes: { kysely: ['a/src/*.store.ts'] },
    strangers: ['a/src/features'],
  })

  it('says who may import what', () => {
    expect(table).toContain('| `a/src` | `b` | by their homes |')
    expect(table).toContain('| `b` | nothing of ours | `zod` |')
    expect(table).toContain('| `kysely` | `a/src/*.store.ts` |')
    expect(table).toContain('Below `a/src/features` each folder')
  })

  it.each(['<!-- /import-table -->', '<!-- import-table -->'])('goes before %s', (end) => {
    const page = `# Map\n<!-- import-table -->\nOUTDATED\n${end}\nrest $& $1\n`
    const once = insertImportTable(page, table)
    expect(once).toContain(`${table}\n${end}\nrest $& $1\n`)
    expect(once).not.toContain('OUTDATED')
    expect(insertImportTable(once, table)).toBe(once)
  })

  it('asks for its markers', () => {
    expect(() => insertImportTable('# Map', table)).toThrow('<!-- import-table -->')
  })
})

describe('the API', () => {
  const endpoint = (path: `/${string}`, method: 'GET' | 'POST' = 'GET') =>
    defineEndpoint({
      method,
      path,
      summary: 'Does it.',
      access: 'public',
      reply: z.object({}),
      errors: [],
    })

  it('is every endpoint among the exports, in a fixed order', () => {
    const [a, b, c] = [endpoint('/b'), endpoint('/a', 'POST'), endpoint('/a')]
    expect(
      endpointsIn([
        { a, limits: { max: 1 }, text: 'x' },
        { b, c, again: a },
      ]),
    ).toEqual([c, b, a])
  })

  it('refuses two endpoints at one place', () => {
    expect(() => endpointsIn([{ a: endpoint('/a'), b: endpoint('/a') }])).toThrow('GET /a')
  })
})

describe('the decisions', () => {
  const second = { name: '0002-source.md', text: '# 0002 Node runs the source\n\nContext' }

  it('are listed by number with their titles', () => {
    const text = renderDecisions([second, { name: '0001-postgres.md', text: '# One database\n' }])
    expect(text).toContain(
      '- [0001](0001-postgres.md) One database\n- [0002](0002-source.md) Node runs the source\n',
    )
  })

  it.each([
    [[{ name: 'source.md', text: '# A' }], 'must be called like'],
    [[{ name: '0001-a.md', text: 'no title' }], 'must begin with a title'],
    [[second, { name: '0002-other.md', text: '# B' }], 'has a number that is taken'],
  ])('refuse %j', (decisions, sentence) => {
    expect(() => renderDecisions(decisions)).toThrow(sentence)
  })
})
