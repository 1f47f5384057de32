import { errorCatalog, type ErrorCode } from '@studioops/contracts/errors'
import { problem as problemSchema } from '@studioops/contracts/problem'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLog } from '../log/log.ts'
import { AppError } from './app-error.ts'
import { toProblem } from './problem.ts'

const circumstances = { correlationId: 'request-1', language: 'he' } as const

/** Whatever can be thrown: texts, dates, bytes, big numbers, maps, and things that hold themselves. */
const anything = fc
  .anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  })
  .map((value) => {
    const held: Record<string, unknown> = { value, bytes: Buffer.from('ab'), big: 1n }
    held['itself'] = held
    return held
  })
const thrown = fc.oneof(
  fc.anything(),
  anything,
  anything.map((held) => Object.assign(new Error('told'), held)),
  fc.tuple(fc.string(), anything).map(([text, cause]) => new Error(text, { cause })),
)

it('makes one body of whatever was thrown, and one line of the log, and never fails itself [ERR-1, ERR-7]', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  fc.assert(
    fc.property(thrown, (error) => {
      const body = JSON.parse(JSON.stringify(toProblem(error, circumstances))) as unknown
      expect(problemSchema.parse(body)).toMatchObject({
        code: 'internal',
        status: 500,
        correlation_id: 'request-1',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      })
      log.error({ err: error, reason: error }, 'request failed')
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ message: 'request failed' })
    }),
  )
})

it('tells a refusal of ours from a database that is away and from a defect [ERR-6]', () => {
  const away = Object.assign(new Error('no'), { code: 'ECONNREFUSED', syscall: 'connect' })
  const codeOf = (error: unknown) => toProblem(error, circumstances).code
  expect(codeOf(new AppError('story.busy', { cause: away }))).toBe('story.busy')
  expect(codeOf(away)).toBe('database.unavailable')
  expect(codeOf(new TypeError('a defect'))).toBe('internal')
})

it('has for every code the status of the catalogue, both languages and what to do [ERR-2, ERR-5]', () => {
  for (const code of Object.keys(errorCatalog) as ErrorCode[]) {
    const told = toProblem(new AppError(code), circumstances)
    expect(told.status).toBe(errorCatalog[code].status)
    expect(told.message_he).toMatch(/[א-ת]/)
    expect(told.recovery_en.length).toBeGreaterThan(0)
    expect(told.recovery_he.length).toBe(told.recovery_en.length)
    expect(told.title).toBe(told.message_he)
    expect(told.type).toBe(`/docs/errors#${code.replaceAll('.', '-')}`)
  }
})
