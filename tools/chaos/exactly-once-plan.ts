import { randomUUID } from 'node:crypto'
import { draftOf } from '../../apps/server/src/features/boards/boards.draft.ts'
import type { NewGroup } from '../../apps/server/src/features/outbox/index.ts'
import type { NewOperation } from '../../apps/server/src/features/outbox/outbox.store.ts'
import { approvalHash } from '../../apps/server/src/platform/approval/approval-hash.ts'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import type { Person, Scene } from './exactly-once-scene.ts'

/** Of the issues, one in so many is a step of a write of three steps. */
const groupShare = 0.15

/** Of all creates; the rest are issues. */
const shares = { card: 0.2, comment: 0.08, checklist: 0.07, page: 0.15 } as const
type Kind = keyof typeof shares | 'issue'

/** One write, or one of several steps. */
export type Planned =
  | { readonly kind: 'single'; readonly operation: NewOperation }
  | { readonly kind: 'group'; readonly group: NewGroup }

type Numbered = { readonly scene: Scene; readonly person: Person; readonly number: number }

/** So many creates over all people; the same seed makes the same mixture. */
export function planCreates(scene: Scene, { creates, seed }: { creates: number; seed: number }) {
  const random = createRandom(seed)
  const planned: Planned[] = []
  let number = 0
  const next = (person: Person, kind: Kind): NewOperation => {
    number += 1
    return makers[kind]({ scene, person, number })
  }
  while (number < creates) {
    const person = scene.people[number % scene.people.length]
    if (person === undefined) break
    const kind = kindFor(random())
    const isGroup = kind === 'issue' && creates - number >= 3 && random() < groupShare / 3
    if (!isGroup) planned.push({ kind: 'single', operation: next(person, kind) })
    else
      planned.push({
        kind: 'group',
        group: {
          id: randomUUID(),
          userId: person.userId,
          cause: `chaos:${number}`,
          title: `Three at once ${number}`,
          // Two that do not wait for each other, and one that waits for both.
          steps: [0, 0, 1].map((step) => ({ ...next(person, 'issue'), step })),
        },
      })
  }
  return planned
}

function kindFor(drawn: number): Kind {
  let left = drawn
  for (const [kind, share] of Object.entries(shares)) {
    if (left < share) return kind as Kind
    left -= share
  }
  return 'issue'
}

const makers: Readonly<Record<Kind, (numbered: Numbered) => NewOperation>> = {
  issue: newIssue,
  page: newPage,
  card: (numbered) =>
    onBoard(numbered, {
      type: 'add-card',
      listId: pick(numbered.scene.board.lists, numbered.number).id,
      name: `Exactly once ${numbered.number}`,
      desc: `The ${numbered.number}th of many.`,
    }),
  comment: (numbered) =>
    onBoard(numbered, {
      type: 'comment',
      cardId: pick(numbered.scene.board.cards, numbered.number).id,
      text: textOf(numbered),
    }),
  checklist: (numbered) =>
    onBoard(numbered, {
      type: 'add-checklist',
      cardId: pick(numbered.scene.board.cards, numbered.number).id,
      name: textOf(numbered),
    }),
}

function pick<T>(rows: readonly T[], number: number): T {
  const row = rows[number % rows.length]
  if (row === undefined) throw new Error('the board is empty')
  return row
}

/** What a person says more than once has to stand there as often. */
const saidAgain = 40

function textOf({ person, number }: Numbered): string {
  return `Said so-${person.name.replace('.', '')}${number % saidAgain}`
}

type BoardChange = Parameters<typeof draftOf>[0]['change']

function onBoard({ scene, person }: Numbered, change: BoardChange): NewOperation {
  const { board } = scene
  const draft = draftOf({ id: randomUUID(), change, board, host: scene.outside.host })
  return { ...draft, userId: person.userId }
}

function approved(operation: Omit<NewOperation, 'id' | 'payloadHash'>): NewOperation {
  return { id: randomUUID(), payloadHash: approvalHash(operation), ...operation }
}

function newIssue({ scene, person, number }: Numbered): NewOperation {
  const marker = scene.outbox.newMarker()
  const payload = {
    projectKey: 'PAY',
    issueType: 'Story',
    summary: `Exactly once ${number}`,
    description: `The ${number}th of many.`,
    additionalFields: { labels: [marker] },
  }
  return approved({
    userId: person.userId,
    kind: 'jira.issue.create',
    title: payload.summary,
    target: { project: payload.projectKey, jiraUrl: person.jiraUrl },
    payload,
    marker,
  })
}

function newPage({ scene, person, number }: Numbered): NewOperation {
  const marker = scene.outbox.newMarker()
  const title = `Exactly once ${number}`
  return approved({
    userId: person.userId,
    kind: 'confluence.page.create',
    title,
    target: { spaceKey: 'PAY', baseUrl: person.confluenceUrl },
    payload: {
      spaceKey: 'PAY',
      title,
      storage: `<p>The ${number}th of many.</p>`,
      marker,
    },
    marker,
  })
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
