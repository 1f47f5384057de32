import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { randomSteps } from '../testing/choices.ts'
import { runsAsked } from '../testing/hold.ts'
import { historyFrom, textOfFile } from '../testing/history.ts'
import {
  mistakeOf,
  type OrderTrial,
  sourcesOfTrial,
  tally,
  tryOrders,
} from '../testing/order-trials.ts'
import { openTrialPglite, openTrialServer, type TrialDatabase } from '../testing/trial-database.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { judgeOrder, type OrderVerdict } from './verdict.ts'

const runs = runsAsked()

let parser: Parser
let server: TrialDatabase
let shadow: TrialDatabase
beforeAll(async () => {
  parser = await loadParser()
  server = await openTrialServer(inject('migrateServer'))
  shadow = await openTrialPglite()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await shadow?.[Symbol.asyncDispose]()
})

const describeTrial = (seed: number, trial: OrderTrial) =>
  [`seed ${seed}`, ...trial.files.map(({ id, text }) => `-- ${id}.sql\n${text}`)].join('\n')

it(
  'refuses what does not run and nothing else, names the place and the nearest name, and proposes what runs [MIG-2] [MIG-3] [MIG-10] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    const trials: OrderTrial[] = []
    const first = fc.readConfigureGlobal().seed ?? randomInt(1_000_000_000)
    for (let seed = first; seed < first + runs; seed += 1)
      for (const trial of await tryOrders({ parser, server, shadow, seed })) {
        trials.push(trial)
        expect(mistakeOf(trial), describeTrial(seed, trial)).toBeUndefined()
      }
    const { unsafe, found, safe, falseAlarms } = tally(trials, 'analyser')
    // A share says something of many; of few, three are chance.
    expect(unsafe - found).toBeLessThanOrEqual(Math.max(3, 0.01 * unsafe))
    expect(falseAlarms).toBeLessThanOrEqual(Math.max(3, 0.03 * safe))
  },
)

const judgement = (files: Parameters<typeof sourcesOfTrial>[0], order: readonly number[]) => {
  const sources = sourcesOfTrial(files)
  const ranked = sources
    .map((source, index) => ({ source, rank: order[index] ?? 0 }))
    .toSorted((left, right) => left.rank - right.rank)
  const { analyses, ...verdict } = judgeOrder(
    ranked.map(({ source }) => source),
    { parser },
  )
  return { ...verdict, analysed: analyses.map(({ id }) => id) }
}

it('plans the same in whatever order files are given [MIG-2] [MIG-12] [TST-5]', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), {
        minLength: 5,
        maxLength: 5,
      }),
      fc.boolean(),
      (seed, orders, isShuffled) => {
        const { files } = historyFrom(randomSteps(seed, 20))
        const texts = files.map((file, index) => ({
          id: isShuffled ? `${(index * 7919) % 101}_step`.padStart(9, '0') : file.id,
          text: textOfFile(file),
        }))
        const expected = judgement(texts, [])
        for (const order of orders) expect(judgement(texts, order)).toEqual(expected)
      },
    ),
    { numRuns: runs },
  )
})

/** Which of the tables 0…n refer to which; each is made by a file of its own. */
const graphs = fc
  .integer({ min: 2, max: 6 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 2 }), {
      minLength: size,
      maxLength: size,
    }),
  )
  .map((graph) => graph.map((targets, from) => targets.filter((to) => to !== from)))

const tableFile = (targets: readonly number[], from: number) => ({
  id: `000${from}_t`,
  text: `create table t${from} (id int primary key${targets
    .map((to) => `, r${to} int references t${to}`)
    .join('')});`,
})

/** How many steps lead from one to the other; Infinity: none. */
function distance(graph: readonly (readonly number[])[], from: number, to: number): number {
  const seen = new Map([[from, 0]])
  for (const [at, steps] of seen)
    for (const next of graph[at] ?? []) if (!seen.has(next)) seen.set(next, steps + 1)
  return seen.get(to) ?? Infinity
}

/** `0001_t → (public.t1) 0000_t → …` as numbers. */
const membersOf = ({ because }: OrderVerdict['objections'][number]) =>
  [...because.matchAll(/000(\d)_t/g)].map(([, digit]) => Number(digit))

it('names a cycle by a shortest way around, and orders what has none [MIG-2] [MIG-12]', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const files = graph.map(tableFile)
      const verdict = judgeOrder(sourcesOfTrial(files), { parser })
      const back = graph.flatMap((targets, from) =>
        targets.filter((to) => to > from).map((to) => ({ from, to })),
      )
      const lengths = back
        .map(({ from, to }) => 1 + distance(graph, to, from))
        .filter((length) => length < Infinity)
      const cycles = verdict.objections.filter(({ code }) => code === 'cycle')
      for (const cycle of cycles) {
        const members = membersOf(cycle)
        const steps = members.slice(1).map((after, index) => [after, members[index] ?? -1] as const)
        for (const [after, before] of steps) expect(graph[after]).toContain(before)
        expect(members.at(-1)).toBe(members[0])
      }
      const shortest = Math.min(...cycles.map((cycle) => membersOf(cycle).length - 1))
      expect(shortest).toBe(Math.min(...lengths))
      const expected = back.length > 0 ? 'done' : 'ordered as declared'
      expect(await outcomeOf(verdict, files)).toBe(lengths.length > 0 ? 'cycle' : expected)
    }),
    { numRuns: runs },
  )
})

async function outcomeOf(
  { kind, proposal, objections }: OrderVerdict,
  files: ReturnType<typeof tableFile>[],
) {
  if (kind === 'ordered') return 'ordered as declared'
  if (objections.some(({ code }) => code === 'cycle')) return 'cycle'
  if (proposal === undefined) return 'refused without a proposal'
  const order = proposal.order.flatMap((id) => files.find((file) => file.id === id) ?? [])
  return shadow.run(order, async (result) => result.kind)
}
