import type { Problem } from '@studioops/contracts/problem'

export type { Problem } from '@studioops/contracts/problem'

/** A refusal by the server, with everything a page needs to explain it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(body: Problem) {
    super(body.title)
    this.problem = body
  }
}

/** The server could not be reached: no network, or nothing listens there. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
}

/** Something answered that is not our server, or not of our version. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError'
  readonly status: number

  constructor(status: number, cause: unknown) {
    super(`unreadable answer with status ${status}`, { cause })
    this.status = status
  }
}

export function problemOf(error: unknown): Problem | undefined {
  return error instanceof ProblemError ? error.problem : undefined
}

/** True where sending the same again may help. */
export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof OfflineError) return true
  return problemOf(error)?.retry === 'later'
}

/** True where the session is over, so that the person has to sign in again. */
export function isSessionOver(error: unknown): boolean {
  const code = problemOf(error)?.code
  return code === 'session.required' || code === 'session.expired' || code === 'session.replayed'
}

/** True where the same call is carried out once the person has given the password again. */
export function isStepUpNeeded(error: unknown): boolean {
  return problemOf(error)?.code === 'session.step-up-needed'
}

/** Message, steps and field messages of a refusal in the language of the page. */
export function problemTexts(problem: Problem, language: 'en' | 'he') {
  const isHebrew = language === 'he'
  return {
    message: isHebrew ? problem.message_he : problem.message_en,
    steps: isHebrew ? problem.recovery_he : problem.recovery_en,
  }
}

/**
 * The server's message for one field of a form.
 *
 * @param pointer JSON pointer into the body that was sent, such as `/password`
 */
export function fieldMessage(
  error: unknown,
  pointer: string,
  language: 'en' | 'he',
): string | undefined {
  const found = problemOf(error)?.errors.find((entry) => entry.pointer === pointer)
  return language === 'he' ? found?.message_he : found?.message_en
}
