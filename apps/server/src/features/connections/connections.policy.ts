import type { ConnectionState, Feature } from '@studioops/contracts/connections'

type Check = {
  readonly changedAt: Date
  readonly passedAt: Date | undefined
  readonly isFailing: boolean
}

/** What the last tests say about a connection that is set. */
export function stateOf(check: Check | undefined): ConnectionState {
  if (check === undefined) return 'untested'
  if (check.isFailing) return 'failing'
  if (check.passedAt === undefined) return 'untested'
  return check.passedAt >= check.changedAt ? 'passed' : 'changed'
}

type States = { readonly jira: ConnectionState; readonly model: ConnectionState }

/**
 * Which features are open (CFG-17). Without Jira's consent nothing of a story could ever arrive, so
 * that closes the creator; without a model it works on, with offline drafts (D-9).
 */
export function gates({ jira, model }: States): Feature[] {
  const needs = (connection: 'jira' | 'model', state: ConnectionState) =>
    state === 'passed' ? [] : [{ connection, state }]
  const stories = [...needs('jira', jira), ...needs('model', model)]
  return [
    { name: 'stories', state: storiesState({ jira, model }), needs: stories },
    { name: 'connections', state: stories.length > 0 ? 'needs-setup' : 'open', needs: stories },
    { name: 'outbox', state: 'open', needs: [] },
  ]
}

function storiesState({ jira, model }: States): Feature['state'] {
  if (jira === 'failing') return 'broken'
  if (jira !== 'passed') return 'needs-setup'
  return model === 'passed' ? 'open' : 'degraded'
}
