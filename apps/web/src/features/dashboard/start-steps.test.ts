import type { ConnectionState, Feature } from '@studioops/contracts/connections'
import { expect, it } from 'vitest'
import { startSteps } from './start-steps.ts'

function gates(jira: ConnectionState, model: ConnectionState): readonly Feature[] {
  const needs = [
    { connection: 'jira', state: jira },
    { connection: 'model', state: model },
  ] as const
  return [
    { name: 'connections', state: 'open', needs: [] },
    { name: 'stories', state: 'open', needs: [...needs] },
  ]
}

it.each<[ConnectionState, ConnectionState, string]>([
  ['passed', 'not-set', 'jira done, model next, story'],
  ['passed', 'passed', 'jira done, model done, story next'],
  ['failing', 'passed', 'jira next, model done, story'],
  ['untested', 'changed', 'jira next, model, story'],
])('with Jira %s and a model %s a newcomer sees: %s', (jira, model, seen) => {
  const steps = startSteps(gates(jira, model)).map(({ id, isDone, isNext }) =>
    [id, isDone && 'done', isNext && 'next'].filter(Boolean).join(' '),
  )
  expect(steps.join(', ')).toBe(seen)
})
