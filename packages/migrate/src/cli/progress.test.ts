import { expect, it } from 'vitest'
import type { MigrationEvent } from '../execute/events.ts'
import { english } from './english.ts'
import { createProgress, seconds } from './progress.ts'

const step = { migration: '0001_a', position: 1, total: 2 }
const holder = { host: 'one', pid: 7, run: 'r', appVersion: '1', migration: '0001_a' }
const waiting = (waitedMs: number): MigrationEvent => ({
  type: 'waiting',
  waitedMs,
  holder: { ...holder, position: 3, total: 7 },
  blockedBy: [],
})
const run: readonly MigrationEvent[] = [
  waiting(1_000),
  waiting(2_000),
  waiting(12_000),
  { type: 'planned', migrations: ['0001_a'] },
  { type: 'migration-started', statements: 2, ...step },
  { type: 'statement-started', statementNo: 1, ...step },
  { type: 'statement-done', statementNo: 1, ...step },
  { type: 'migration-completed', durationMs: 1_234, ...step },
]

function told(form: 'json' | 'live' | 'lines'): string {
  let text = ''
  const output = { write: (part: string) => (text += part) }
  const voice = {
    words: english,
    language: 'en',
    paint: (_: string, part: string) => part,
    width: 40,
  } as const
  const progress = createProgress({ form, output, voice })
  progress.say('looking')
  for (const event of run) progress.onEvent(event)
  progress.end()
  return text
}

it('gives programs every event as it is', () => {
  const lines = told('json').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(run)
})

it('writes a line into a log for what stays, and now and then for who is waited for', () => {
  expect(told('lines').split('\n')).toEqual([
    'waiting for one (pid 7), which runs 3/7 0001_a (1 s)',
    'waiting for one (pid 7), which runs 3/7 0001_a (12 s)',
    '[1/2] 0001_a ✓ 1.2 s',
    '',
  ])
})

it('keeps one live line on a terminal, no wider than it, and leaves only what stays', () => {
  const parts = told('live').split('\r\u001b[2K')
  expect(parts[0]).toBe('looking')
  expect(parts.at(-1)).toBe('[1/2] 0001_a ✓ 1.2 s\n')
  expect(parts.every((part) => part.trimEnd().length < 40)).toBe(true)
})

it.each([
  [12.4, '12 ms'],
  [3_400, '3.4 s'],
  [125_000, '2:05 min'],
])('says %d ms as %s', (ms, text) => {
  expect(seconds(ms)).toBe(text)
})
