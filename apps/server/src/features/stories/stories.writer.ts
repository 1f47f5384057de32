import { limits } from '@studioops/contracts/limits'
import { modelReply, type StoryContent, storyContent } from '@studioops/contracts/story-content'
import { defaultRules } from '@studioops/contracts/story-rules'
import { z } from 'zod'
import { extractJson } from '../../integrations/llm/extract-json.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext, type Log } from '../../platform/log/log.ts'
import type { AnswerDone, AnswerEvent, AskModels, Question, Voice } from '../models/index.ts'
import type { Generate, Outcome, RunContext } from '../runs/index.ts'
import { composeOffline } from './stories.offline.ts'
import * as prompt from './stories.prompt.ts'
import * as store from './stories.store.ts'

/** What a run was asked for; kept with it, so that a later process can go on. */
export const runInput = z.object({ instruction: z.string().optional() })

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly askModels: AskModels
  /** Pages that the story was given as context. */
  readonly pagesOf: (place: {
    readonly userId: string
    readonly storyId: string
  }) => Promise<readonly prompt.AttachedText[]>
}

type Usage = { readonly inputTokens: number; readonly outputTokens: number }

/** One answer of the model, as far as it came. */
type Answer =
  | {
      readonly kind: 'whole'
      readonly text: string
      readonly usage: Usage | undefined
      /** The model had more to say than it was allowed. */
      readonly isCut: boolean
      readonly model: string
    }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: AppError }

/** What is in an answer. */
type Reading =
  | { readonly kind: 'story'; readonly content: StoryContent; readonly problem: string | undefined }
  | { readonly kind: 'clarify'; readonly question: string; readonly options: string[] }
  | { readonly kind: 'unusable'; readonly problem: string }

/** What came of the conversation with the model. */
type Conversation =
  | {
      readonly kind: 'story'
      readonly content: StoryContent
      readonly usage: Usage | undefined
      readonly model: string
    }
  | { readonly kind: 'clarify'; readonly question: string; readonly options: string[] }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: AppError }

/** Writes a story: model, at most two automatic repairs, then the person; without a model the offline draft (D-9). */
export function createStoryWriter(dependencies: Dependencies): Generate {
  const { database, log, askModels, pagesOf } = dependencies

  return async function write(run) {
    const assignment = await readAssignment(run)
    const result = await converse(run, assignment)
    switch (result.kind) {
      case 'stopped':
        return { kind: 'ended', done: { state: 'stopped', fallback: false } }
      case 'clarify':
        return { kind: 'waiting', question: result }
      case 'story':
        return keep(run, assignment, result)
      case 'failed':
        return offline(run, assignment, result.reason)
    }
  }

  async function converse(run: RunContext, assignment: prompt.Assignment): Promise<Conversation> {
    const { language } = assignment
    const repairs: { readonly answer: string; readonly problem: string }[] = []
    const messages = ({ company }: Voice) => [
      ...prompt.askForStory(assignment, company?.systemPrompt ?? prompt.ownSystemPrompt),
      ...repairs.flatMap(({ answer, problem }) => {
        const repairPrompt = company?.repairPrompt ?? prompt.repairRequest
        return prompt.askToRepair(answer, repairPrompt({ problem, language }))
      }),
    ]
    // A story that breaks a rule is better than none: the person can correct it.
    let best: Extract<Conversation, { kind: 'story' }> | undefined
    for (let round = 0; round <= limits.regenerationRounds; round += 1) {
      const callType = callTypeOf(assignment, round)
      const question = { ...questionOf(run, language), messages, callType }
      const answer = await listen(run, round, askModels(question))
      if (answer.kind === 'stopped') return answer
      if (answer.kind === 'failed') return best ?? answer
      const reading = read(answer, assignment)
      if (reading.kind === 'clarify') return reading
      const { usage, model } = answer
      if (reading.kind === 'story') best = { ...reading, usage, model }
      if (reading.problem === undefined || round === limits.regenerationRounds) break
      run.emit({ type: 'reset', reason: 'invalid', discarded: answer.text.length })
      repairs.push({ answer: answer.text, problem: reading.problem })
    }
    const facts = { rounds: limits.regenerationRounds }
    return best ?? { kind: 'failed', reason: new AppError('model.invalid-story', { facts }) }
  }

  async function readAssignment(run: RunContext): Promise<prompt.Assignment> {
    const { instruction } = runInput.parse(run.input)
    const { userId } = run
    const storyId = storyOf(run)
    const [story, newest, pages] = await Promise.all([
      database.readAsUser(userId, (db) => store.findStory(db, storyId)),
      instruction === undefined
        ? undefined
        : database.readAsUser(userId, (db) => store.findNewestVersion(db, storyId)),
      pagesOf({ userId, storyId }),
    ])
    if (story === undefined) throw new AppError('story.not-found')
    return {
      requirement: story.requirement,
      // Both columns have check constraints that list exactly these.
      format: story.format as prompt.Assignment['format'],
      language: story.language as prompt.Assignment['language'],
      projectKey: story.project_key ?? undefined,
      instruction,
      current: newest === undefined ? undefined : storyContent.parse(newest.content),
      clarifications: run.clarifications,
      pages,
    }
  }

  async function save(run: RunContext, version: Omit<store.NewVersion, 'storyId' | 'userId'>) {
    const { runId, userId } = run
    const storyId = storyOf(run)
    return database.asUser(userId, async (db) => {
      await store.lockStory(db, storyId)
      return store.insertVersion(db, { ...version, storyId, userId, runId })
    })
  }

  async function keep(
    run: RunContext,
    { instruction }: prompt.Assignment,
    made: { content: StoryContent; usage: Usage | undefined; model: string },
  ): Promise<Outcome> {
    const { content, usage, model } = made
    const version = await save(run, { source: 'model', content, instruction, model })
    const done = { state: 'complete' as const, version, fallback: false, ...(usage && { usage }) }
    return { kind: 'ended', done }
  }

  async function offline(
    run: RunContext,
    assignment: prompt.Assignment,
    reason: AppError,
  ): Promise<Outcome> {
    log.info({ run_id: run.runId, code: reason.code }, 'story drafted without a model')
    const correlationId = currentContext()?.correlationId ?? run.runId
    run.emit({
      type: 'error',
      problem: toProblem(reason, { correlationId, language: assignment.language }),
    })
    const content = composeOffline(assignment)
    run.emit({ type: 'assistant_token', text: JSON.stringify({ kind: 'story', ...content }) })
    const { instruction } = assignment
    const version = await save(run, { source: 'offline', content, instruction })
    return { kind: 'ended', done: { state: 'offline', version, fallback: true } }
  }
}

function storyOf({ subject }: RunContext): string {
  if (subject.kind !== 'story') throw new Error('a run of something else came to the story writer')
  return subject.storyId
}

function questionOf(
  { userId, signal }: RunContext,
  language: 'en' | 'he',
): Omit<Question, 'messages'> {
  const { replySchema: reply } = prompt
  return { userId, purpose: 'story', language, signal, reply, maxOutputTokens: 8_000 }
}

type CallType = 'stream' | 'refine' | 'validate'

function callTypeOf({ instruction }: prompt.Assignment, round: number): CallType {
  if (round > 0) return 'validate'
  return instruction === undefined ? 'stream' : 'refine'
}

/** Passes the answer on as it comes. What broke off is taken back visibly; it is never continued. */
async function listen(
  run: RunContext,
  round: number,
  answer: AsyncIterable<AnswerEvent>,
): Promise<Answer> {
  try {
    return wholeOf(run, await endOf(run, round, answer))
  } catch (error) {
    if (run.signal.aborted || !(error instanceof AppError)) throw error
    return { kind: 'failed', reason: error }
  }
}

async function endOf(
  run: RunContext,
  round: number,
  answer: AsyncIterable<AnswerEvent>,
): Promise<AnswerDone> {
  let isThinking = false
  for await (const event of answer) {
    if (event.type === 'done') return event
    if (event.type !== 'thinking' || !isThinking) emit(run, round, event)
    isThinking = event.type === 'thinking'
  }
  throw new Error('the answer ended without an end')
}

function wholeOf(run: RunContext, end: AnswerDone): Answer {
  const { text, usage, finishReason, model, state } = end
  if (state !== 'stopped')
    return { kind: 'whole', text, usage, isCut: finishReason === 'length', model }
  if (run.isStopped()) return { kind: 'stopped' }
  throw new Error('the process ends before the answer does')
}

type Told = Exclude<AnswerEvent, { readonly type: 'done' }>

function emit(run: RunContext, round: number, event: Told): void {
  switch (event.type) {
    case 'status':
      return run.emit({
        type: 'provider',
        model: event.model,
        attempt: round + event.attempt,
        round,
      })
    case 'token':
      return run.emit({ type: 'assistant_token', text: event.text })
    case 'thinking':
      return run.emit({ type: 'thinking' })
    case 'reset': {
      const { reason, discarded } = event
      return run.emit({ type: 'reset', reason, discarded: discarded.length })
    }
    default:
      // The last one has the usage too, and no tools are offered.
      return
  }
}

type Whole = Extract<Answer, { kind: 'whole' }>

function read({ text, isCut }: Whole, assignment: prompt.Assignment): Reading {
  const { format, language, projectKey, clarifications } = assignment
  if (isCut)
    return { kind: 'unusable', problem: 'it was cut off by the length limit; use fewer words' }
  const json = extractJson(text)
  if (json === undefined) return { kind: 'unusable', problem: 'there is no JSON object in it' }
  const parsed = modelReply.safeParse(JSON.parse(json))
  if (!parsed.success) return { kind: 'unusable', problem: z.prettifyError(parsed.error) }
  const { data } = parsed
  if (data.kind === 'story') {
    const { kind: _, ...content } = data
    const subject = { story: content, format, language, projectKey }
    return { kind: 'story', content, problem: prompt.explainBrokenRules(subject, defaultRules) }
  }
  // A model that only ever asks would keep the person from a story.
  if (clarifications.length >= 3)
    return { kind: 'unusable', problem: 'do not ask any more, write the story' }
  return { kind: 'clarify', question: data.question, options: data.options }
}
