import type {
  ConnectionState,
  ConnectionSystem,
  Feature,
  IdentityVerdict,
} from '@studioops/contracts/connections'
import type { ErrorCode } from '@studioops/contracts/errors'

type Check = {
  readonly changedAt: Date
  readonly passedAt: Date | undefined
  readonly isFailing: boolean
  readonly verdict?: IdentityVerdict | undefined
}

/** What the last tests say about a connection that is set. */
export function stateOf(check: Check | undefined): ConnectionState {
  if (check === undefined) return 'untested'
  const { changedAt, passedAt, isFailing, verdict } = check
  if (isFailing) return 'failing'
  if (passedAt === undefined) return 'untested'
  if (passedAt < changedAt) return 'changed'
  return verdict === 'unverifiable' ? 'unverified' : 'passed'
}

/**
 * Failures that say that the credential itself is bad. Others pass by: they neither close a gate nor
 * open one.
 */
const verdictCodes: ReadonlySet<ErrorCode> = new Set([
  'jira.bad-token',
  'jira.inactive',
  'jira.deleted',
  'jira.captcha',
  'jira.forbidden',
  'jira.login-page',
  'jira.other-person',
  'model.auth',
  'model.unknown-model',
  'model.quota',
  'connection.bad-token',
  'connection.anonymous',
  'connection.captcha',
  'connection.forbidden',
  'connection.login-page',
  'connection.nothing-visible',
  'connection.other-person',
  'trello.bad-key',
  'trello.bad-token',
])

/** Whether a test, or real use, has come to a verdict about the credential. */
export function isVerdict(failure: { readonly code: ErrorCode } | undefined): boolean {
  return failure === undefined || verdictCodes.has(failure.code)
}

const placeCodes: ReadonlySet<ErrorCode> = new Set([
  'connection.dns',
  'connection.refused',
  'connection.not-allowed',
  'connection.unexpected-answer',
  'jira.dns',
  'jira.not-allowed',
  'jira.unexpected-answer',
  'jira.not-found',
  'model.not-allowed',
  'model.unexpected-answer',
])

/**
 * Whether a failure tells what stands at an address. To people who do not run the workspace all of
 * these read the same: a Test button is no port scanner (security.md 2.6).
 */
export function tellsOfPlace(code: ErrorCode, step: string): boolean {
  return placeCodes.has(code) || (step === 'address' && code === 'connection.timeout')
}

type States = {
  readonly jira: ConnectionState
  readonly model: ConnectionState
  readonly trello: ConnectionState
}

/**
 * Which features are open (CFG-17). Without Jira's consent nothing of a story could ever arrive, so
 * that closes the creator; without a model it works on, with offline drafts (D-9).
 */
export function gates({ jira, model, trello }: States): Feature[] {
  const needs = (connection: ConnectionSystem, state: ConnectionState) =>
    state === 'passed' ? [] : [{ connection, state }]
  const stories = [...needs('jira', jira), ...needs('model', model)]
  return [
    { name: 'stories', state: storiesState({ jira, model }), needs: stories },
    { name: 'boards', state: boardsState(trello), needs: needs('trello', trello) },
    { name: 'connections', state: stories.length > 0 ? 'needs-setup' : 'open', needs: stories },
    { name: 'outbox', state: 'open', needs: [] },
  ]
}

/** An address that Trello hides from us closes nothing: the boards are those of the token. */
export function boardsState(trello: ConnectionState): Feature['state'] {
  if (trello === 'failing') return 'broken'
  return trello === 'passed' || trello === 'unverified' ? 'open' : 'needs-setup'
}

function storiesState({ jira, model }: Pick<States, 'jira' | 'model'>): Feature['state'] {
  if (jira === 'failing') return 'broken'
  if (jira !== 'passed') return 'needs-setup'
  return model === 'passed' ? 'open' : 'degraded'
}
