import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../errors/app-error.ts'
import { Secret } from '../secret/secret.ts'
import { logFields } from './log-fields.ts'
import { createLog } from './log.ts'

function capture() {
  const lines: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, never> }
}

describe('a line of the log', () => {
  it('has the fields of the list and no other [SEC-8]', () => {
    const { log, last } = capture()
    log.info({ run_id: 'r1', body: 'a letter', headers: { cookie: 'x' } }, 'done')
    expect(last()).toMatchObject({
      run_id: 'r1',
      body: '[not listed]',
      headers: '[not listed]',
      message: 'done',
    })
  })

  it('finds every field that the product writes in that list', () => {
    const source = join(import.meta.dirname, '../..')
    const files = globSync('**/*.ts', { cwd: source }).filter(
      (file) => !/\.test\.ts$|^testing|^simulators/.test(file),
    )
    const calls = files.flatMap((file) => [
      ...readFileSync(join(source, file), 'utf8').matchAll(
        /\blog\s*\.(?:debug|info|warn|error)\(\s*\{(.*?)\}\s*,/gs,
      ),
    ])
    const names = calls.flatMap(([, fields = '']) =>
      [...fields.matchAll(/(?:^|,)\s*(\w+)\s*(?=[:,]|$)/g)].map(([, name = '']) => name),
    )
    expect(names.length).toBeGreaterThan(20)
    expect([...new Set(names)].filter((name) => !logFields.has(name))).toEqual([])
  })

  it('holds no secret that is alive, wherever it came from, nor what looks like one [SEC-8]', () => {
    const { log, lines } = capture()
    const token = new Secret('NDg3MTM2Mjk5NzE5OiZCanaryQ+x/z9')
    const shapes = [
      `Bearer ${'a1'.repeat(10)}`,
      `Authorization: Basic ${Buffer.from('noa:canary-pass').toString('base64')}`,
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      `ATATT3xFfGF0${'c'.repeat(30)}`,
      `sk-proj-${'d'.repeat(24)}`,
      'postgresql://studioops:canary-word@db.example/x',
    ]
    for (const text of [`echo: ${token.reveal()} ${token.reveal()}!`, ...shapes]) {
      log.error({ err: new Error(text, { cause: new Error(text) }), reason: text }, text)
      const line = lines.at(-1) ?? ''
      expect(line).toContain('[secret]')
      for (const part of [
        token.reveal(),
        'a1a1a1',
        'bm9hOmNhbm',
        'c2lnbm',
        'ccccc',
        'ddddd',
        'canary',
      ])
        expect(line).not.toContain(part)
      expect(() => JSON.parse(line) as unknown).not.toThrow()
    }
    log.info({ reason: 'NDg3MTM2 is only a part, and nothing is hidden' }, 'x')
    expect(lines.at(-1)).toContain('NDg3MTM2 is only a part')
  })

  it('stays one line of plain signs, whatever is written into it [SEC-8]', () => {
    const { log, lines, last } = capture()
    const text = 'a\r\nb\u001b[31mred\u0000\u009b\u2028\u202e\u2066right\u200f %s'
    log.warn({ reason: text }, 'told: %s', text)
    expect(lines.at(-1)?.trimEnd()).toMatch(/^[\x20-\x7e]+$/)
    expect(last()['reason']).toBe(text)
    expect(last()['message']).toBe(`told: ${text}`)
  })

  it('describes an error by what is listed, without what it quotes [SEC-8, ERR-4]', () => {
    const { log, last } = capture()
    const driver = Object.assign(new Error('invalid input syntax for type uuid: "canary"'), {
      severity: 'ERROR',
      code: '22P02',
      detail: 'canary',
      query: 'select canary',
      response: { headers: { cookie: 'canary' } },
    })
    let unread: unknown
    try {
      JSON.parse('canary is no JSON')
    } catch (error) {
      unread = error
    }
    for (const cause of [driver, unread, 'canary', { password: 'canary' }]) {
      log.error({ err: new AppError('internal', { cause }) }, 'request failed')
      expect(JSON.stringify(last())).not.toContain('canary')
      expect(last()['err']).toMatchObject({ name: 'AppError', message: 'internal' })
    }
  })
})
