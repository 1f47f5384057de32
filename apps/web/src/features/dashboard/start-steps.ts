import type { ConnectionState, Feature } from '@studioops/contracts/connections'

export type StartStep = {
  readonly id: 'jira' | 'model' | 'story'
  readonly isDone: boolean
  /** The one to do now. */
  readonly isNext: boolean
}

/**
 * Where a newcomer stands, told from the gates: a connection that a card waits for is not done. The
 * story is the goal: once there is one, nobody is a newcomer and nothing of this is shown.
 */
export function startSteps(features: readonly Feature[]): readonly StartStep[] {
  const isDone = {
    jira: stateOf(features, 'jira') === 'passed',
    model: stateOf(features, 'model') === 'passed',
    story: false,
  }
  const ids = ['jira', 'model', 'story'] as const
  const next = ids.find((id) => !isDone[id])
  return ids.map((id) => ({ id, isDone: isDone[id], isNext: id === next }))
}

function stateOf(features: readonly Feature[], connection: 'jira' | 'model'): ConnectionState {
  const need = features
    .flatMap(({ needs }) => needs)
    .find((entry) => entry.connection === connection)
  // A gate that does not name a connection has nothing against it.
  return need?.state ?? 'passed'
}
