import { randomUUID } from 'node:crypto'
import type { NewGroup } from '../../apps/server/src/features/outbox/index.ts'
import type { NewOperation } from '../../apps/server/src/features/outbox/outbox.store.ts'
import { approvalHash } from '../../apps/server/src/platform/approval/approval-hash.ts'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import type { Person, Scene } from './exactly-once-scene.ts'

/** Of so many creates, one is a step of a write of three steps. */
const groupShare = 0.15

/** One write, or one of several steps. */
export type Planned =
  | { readonly kind: 'single'; readonly operation: NewOperation }
  | { readonly kind: 'group'; readonly group: NewGroup }

/** So many creates over all people; the same seed makes the same mixture. */
export function planCreates(scene: Scene, { creates, seed }: { creates: number; seed: number }) {
  const random = createRandom(seed)
  const planned: Planned[] = []
  let number = 0
  const next = (person: Person): NewOperation => {
    number += 1
    return newCreate(scene, person, number)
  }
  while (number < creates) {
    const person = scene.people[number % scene.people.length]
    if (person === undefined) break
    const isGroup = creates - number >= 3 && random() < groupShare / 3
    if (!isGroup) planned.push({ kind: 'single', operation: next(person) })
    else
      planned.push({
        kind: 'group',
        group: {
          id: randomUUID(),
          userId: person.userId,
          cause: `chaos:${number}`,
          title: `Three at once ${number}`,
          // Two that do not wait for each other, and one that waits for both.
          steps: [0, 0, 1].map((step) => ({ ...next(person), step })),
        },
      })
  }
  return planned
}

function newCreate(scene: Scene, person: Person, number: number): NewOperation {
  const marker = scene.outbox.newMarker()
  const kind = 'jira.issue.create'
  const payload = {
    projectKey: 'PAY',
    issueType: 'Story',
    summary: `Exactly once ${number}`,
    description: `The ${number}th of many.`,
    additionalFields: { labels: [marker] },
  }
  const target = { project: payload.projectKey, jiraUrl: person.jiraUrl }
  return {
    id: randomUUID(),
    userId: person.userId,
    kind,
    title: payload.summary,
    target,
    payload,
    payloadHash: approvalHash({ kind, target, payload }),
    marker,
  }
}

/** In portions, as people approve: each portion one transaction of one person. */
export async function approveAll({ database, outbox }: Scene, planned: readonly Planned[]) {
  const byPerson = Map.groupBy(planned, (one) =>
    one.kind === 'single' ? one.operation.userId : one.group.userId,
  )
  for (const [userId, own] of byPerson)
    for (let start = 0; start < own.length; start += portion)
      await database.asUser(userId, async (db) => {
        for (const one of own.slice(start, start + portion))
          await (one.kind === 'single'
            ? outbox.plan(db, one.operation)
            : outbox.planGroup(db, one.group))
      })
}

const portion = 50
