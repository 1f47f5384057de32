import { remedyInHebrew } from '../../execute/remedy-hebrew.ts'
import type { FailedMigration } from '../../execute/execute.ts'
import type { UpResult } from '../../engine/migrator.ts'
import { type Answer, type NextStep, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodeOfRun } from '../exit-codes.ts'
import { seconds } from '../progress.ts'
import { nextSteps, runOf, type PlanOptions } from './plan.ts'

export type UpOptions = PlanOptions

/** Applies what is pending; progress goes to where the context says. */
export async function up(context: Context, options: UpOptions): Promise<Answer> {
  const { migrator, title, progress } = await context.engine()
  const began = performance.now()
  progress.say(context.voice.words.progress.planning)
  const result = await migrator.up({ ...runOf(options), applyOrder: options.applyOrder })
  progress.end()
  const durationMs = Math.round(performance.now() - began)
  return upAnswer(result, { voice: context.voice, title, durationMs })
}

type Ended = { readonly voice: Voice; readonly title: string; readonly durationMs: number }

/** What became of a run, in words and as data. */
export function upAnswer(result: UpResult, { voice, title, durationMs }: Ended): Answer {
  return {
    exitCode: exitCodeOfRun[result.kind],
    data: { database: title, durationMs, result },
    text: resultText(result, { voice, title, took: seconds(durationMs) }),
    next: nextAfter(result, voice),
  }
}

type Telling = { readonly voice: Voice; readonly title: string; readonly took: string }

function resultText(result: UpResult, telling: Telling): string {
  const { voice, title, took } = telling
  const { words, paint } = voice
  const where = paint('quiet', words.on(title))
  switch (result.kind) {
    case 'nothing-to-do':
      return `${paint('good', words.up.nothing)} ${where}`
    case 'done':
      return doneText(result, telling)
    case 'refused':
      return refusedText(result, telling)
    case 'failed':
      return failedText(result, telling)
    case 'waiting-timed-out':
      return paint('bad', words.up.timedOut(Math.round(result.waiting.waitedMs / 1_000)))
    case 'stopped':
      return result.applied.length === 0
        ? words.up.stopped
        : `${words.up.stoppedAfter(result.applied.join(', '))} ${where} ${paint('quiet', took)}`
  }
}

type Result<Kind extends UpResult['kind']> = Extract<UpResult, { kind: Kind }>

function doneText(result: Result<'done'>, { voice, title, took }: Telling): string {
  const { words, paint } = voice
  const { applied, held, warnings } = result
  const said =
    applied.length === 0 ? words.plan.nothingButHeld : words.up.done(applied.length, took)
  return paragraphs(
    warnings.length === 0
      ? ''
      : `${paint('careful', words.warnings)}\n${objectionLines(warnings, voice)}`,
    held.length === 0 ? '' : `${words.plan.held}: ${held.join(', ')}`,
    `${paint('good', said)} ${paint('quiet', words.on(title))}`,
  )
}

function refusedText({ applied, objections }: Result<'refused'>, { voice }: Telling): string {
  const { words, paint } = voice
  const said = applied.length === 0 ? words.up.refused : words.up.refusedAfter(applied.join(', '))
  return paragraphs(
    `${paint('bad', said)} ${words.objections(objections.length)}:`,
    objectionLines(objections, voice),
  )
}

function failedText(result: Result<'failed'>, { voice }: Telling): string {
  const { applied } = result
  const before = applied.length === 0 ? '' : voice.words.up.failedAfter(applied.join(', '))
  return paragraphs(before, failureText(result, voice))
}

/** What failed, where, why, and what to do about it. */
export function failureText(result: FailedMigration, { words, paint, language }: Voice): string {
  const { migration, statementNo, error, remedy } = result
  const place = [result.file, result.line, result.column].filter((part) => part !== undefined)
  const state = error.sqlstate === undefined ? '' : `${error.sqlstate}: `
  const head = place.length === 0 ? '' : `${paint('strong', place.join(':'))}: `
  const at = statementNo === undefined ? '' : ` (${words.up.statement(statementNo)})`
  return [
    paint('bad', migration === '' ? words.up.failedHere : words.up.failed(migration)),
    `${head}${paint('bad', `${state}${error.message}`)}${at}`,
    ...[error.detail, error.hint].flatMap((line) => (line === undefined ? [] : [`  ${line}`])),
    `  ${paint('good', '→')} ${language === 'he' ? remedyInHebrew(remedy) : remedy}`,
  ].join('\n')
}

function nextAfter(result: UpResult, { words }: Voice): readonly NextStep[] {
  const says = words.nextSteps
  switch (result.kind) {
    case 'done':
      return result.held.length > 0
        ? [{ command: 'up --contract', says: says.upContract }]
        : [
            { command: 'status', says: says.status },
            { command: 'down', says: says.down },
          ]
    case 'refused':
      return result.plan === undefined ? [] : nextSteps(result.plan, words)
    case 'failed':
      return [
        { command: 'doctor', says: says.doctor },
        { command: 'up', says: says.upAgain },
      ]
    case 'waiting-timed-out':
      return [{ command: 'status', says: says.status }]
    case 'nothing-to-do':
    case 'stopped':
      return []
  }
}
