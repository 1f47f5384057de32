import { z } from 'zod'
import type { OpenedJira } from '../../integrations/mcp/jira/jira-opener.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import type { IssueRef, IssuePayload } from './stories.payload.ts'
import type { EarlierStep, Executor, Found, OperationRow } from '../outbox/index.ts'

export type WriteInJira = <T>(
  row: OperationRow,
  work: (jira: OpenedJira) => Promise<T>,
) => Promise<T>

/** An issue by its key, or by the number of the step of the same group that makes it. */
export const issueRef: z.ZodType<IssueRef> = z.union([
  z.object({ key: z.string() }),
  z.object({ step: z.int(), index: z.int() }),
])

const linkPayload = z.object({ type: z.string(), inward: issueRef, outward: issueRef })
const epicPayload = z.object({ issue: issueRef, epic: issueRef })
const target = z.object({ project: z.string(), jiraUrl: z.string() })

/** @throws OutsideError where the step that should have made it has not */
export function keyOf(ref: IssueRef, earlier: readonly EarlierStep[]): string {
  if ('key' in ref) return ref.key
  const made = earlier.filter(({ step }) => step === ref.step)[ref.index]
  if (made !== undefined) return made.key
  throw new OutsideError('not-done', { code: 'jira.unclear', facts: {} })
}

const keyPattern = /^[A-Z][A-Z0-9_]+-\d+$/

type Parts = Pick<Executor, 'find' | 'send'>

/** What all small steps share: they may be repeated, so nothing has to be looked for. */
function repeatable(parts: Parts): Executor {
  return {
    system: 'jira',
    thing: 'link',
    unclear: 'jira.unclear',
    absenceProves: true,
    keyExample: 'PAY-123',
    readKey(typed) {
      const key = (typed.trim().split('/').at(-1) ?? '').toUpperCase()
      return keyPattern.test(key) ? key : undefined
    },
    present(row) {
      const { project, jiraUrl } = target.parse(row.target)
      return { target: `${project} · ${jiraUrl}` }
    },
    highWater: () => Promise.resolve(undefined),
    verify: (row, key) => {
      const { jiraUrl } = target.parse(row.target)
      return Promise.resolve(foundAt(key, jiraUrl))
    },
    withMarker: (row) => row.payload,
    ...parts,
  }
}

function foundAt(key: string, baseUrl: string): Found {
  return { key, url: `${baseUrl}/browse/${key}` }
}

const split = 'Split'
const instead = 'Relates'

/**
 * Links two issues, also such as earlier steps of the same group have made. Jira answers a link that
 * is there as if it had been made, so an unclear one is simply sent again. Without the kind of link
 * "Split", which an administrator may have removed, "Relates" is taken.
 */
export function createLinkExecutor(withJira: WriteInJira): Executor {
  return repeatable({
    find: () => Promise.resolve(undefined),
    send: (row, { earlier }) =>
      withJira(row, async ({ tools, baseUrl }) => {
        const { type: wanted, inward, outward } = linkPayload.parse(row.payload)
        const outwardKey = keyOf(outward, earlier)
        const types = wanted === split ? await tools.linkTypes() : [wanted]
        const type = types.includes(wanted) ? wanted : instead
        await tools.linkIssues({ type, inwardKey: keyOf(inward, earlier), outwardKey })
        return foundAt(outwardKey, baseUrl)
      }),
  })
}

/** Puts an issue into an epic, in the way of this flavour; may be repeated too. */
export function createEpicLinkExecutor(withJira: WriteInJira): Executor {
  return repeatable({
    find: () => Promise.resolve(undefined),
    send: (row, { earlier }) =>
      withJira(row, async ({ tools, baseUrl }) => {
        const { issue, epic } = epicPayload.parse(row.payload)
        const key = keyOf(issue, earlier)
        await tools.setEpic(key, keyOf(epic, earlier))
        return foundAt(key, baseUrl)
      }),
  })
}

export type Step = {
  readonly step: number
  readonly kind: 'jira.issue.create' | 'jira.link.create' | 'jira.epic.link'
  readonly title: string
  readonly payload: unknown
}

type Family = {
  readonly epic: IssuePayload
  readonly children: readonly IssuePayload[]
  /** Pairs of children by their place, such as one that blocks another. */
  readonly links?: readonly { readonly type: string; readonly from: number; readonly to: number }[]
}

/**
 * An epic with its issues as one operation of several steps: the epic, then its issues, then what
 * joins them. A stop in between shows how far it came, and goes on from there.
 */
export function stepsOfEpic({ epic, children, links = [] }: Family): Step[] {
  const child = (index: number): IssueRef => ({ step: 1, index })
  return [
    { step: 0, kind: 'jira.issue.create', title: epic.summary, payload: epic },
    ...children.map((payload): Step => ({
      step: 1,
      kind: 'jira.issue.create',
      title: payload.summary,
      payload,
    })),
    ...children.map(({ summary }, index): Step => ({
      step: 2,
      kind: 'jira.epic.link',
      title: summary,
      payload: { issue: child(index), epic: { step: 0, index: 0 } },
    })),
    ...links.map(({ type, from, to }): Step => ({
      step: 2,
      kind: 'jira.link.create',
      title: type,
      payload: { type, inward: child(from), outward: child(to) },
    })),
  ]
}

/** An issue with its sub-tasks, in the same way. */
export function stepsOfSubTasks(issue: IssuePayload, subTasks: readonly IssuePayload[]): Step[] {
  return [
    { step: 0, kind: 'jira.issue.create', title: issue.summary, payload: issue },
    ...subTasks.map((subTask): Step => ({
      step: 1,
      kind: 'jira.issue.create',
      title: subTask.summary,
      payload: { ...subTask, parent: { step: 0, index: 0 } },
    })),
  ]
}

/** What an approval sends: the issues, and what joins them afterwards. */
export type StoryPlan = {
  /** The whole story; absent for a split whose children go into an epic. */
  readonly whole: IssuePayload | undefined
  readonly children: readonly IssuePayload[]
  readonly epicKey: string | undefined
  readonly links: readonly {
    readonly type: string
    readonly direction: 'inward' | 'outward'
    readonly key: string
  }[]
}

/**
 * A story with its children and joins as one operation of several steps: first the whole story, then
 * its children, then the links. A stop in between shows how far it came, and goes on from there.
 */
export function stepsOfStory({ whole, children, epicKey, links }: StoryPlan): Step[] {
  const first: IssueRef = whole === undefined ? { step: 1, index: 0 } : { step: 0, index: 0 }
  const create = (step: number) => (payload: IssuePayload) =>
    ({ step, kind: 'jira.issue.create', title: payload.summary, payload }) as const
  const isIn: readonly IssueRef[] =
    whole === undefined ? children.map((_, index) => ({ step: 1, index })) : [first]
  return [
    ...(whole === undefined ? [] : [create(0)(whole)]),
    ...children.map(create(1)),
    ...(whole === undefined ? [] : children).map(({ summary }, index): Step => ({
      step: 2,
      kind: 'jira.link.create',
      title: summary,
      payload: { type: split, inward: first, outward: { step: 1, index } },
    })),
    ...(epicKey === undefined ? [] : isIn).map((issue): Step => ({
      step: 2,
      kind: 'jira.epic.link',
      title: epicKey ?? '',
      payload: { issue, epic: { key: epicKey ?? '' } },
    })),
    ...links.map(({ type, direction, key }): Step => ({
      step: 2,
      kind: 'jira.link.create',
      title: `${type} ${key}`,
      payload:
        direction === 'outward'
          ? { type, inward: first, outward: { key } }
          : { type, inward: { key }, outward: first },
    })),
  ]
}
