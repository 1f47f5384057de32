import { statementsInConflict } from '../order/late.ts'
import { judgeOrder, type OrderVerdict } from '../order/verdict.ts'
import { sourcesOf } from '../text/directory.ts'
import type { Parser } from '../text/parser.ts'
import { createRandom, randomSteps } from './choices.ts'
import {
  filesDepend,
  type History,
  historyFrom,
  type HistoryFile,
  type Mutation,
  mutateReference,
  nameIn,
  textOfFile,
} from './history.ts'
import type { TrialDatabase, TrialFile, TrialResult } from './trial-database.ts'

/**
 * `declared`: the files as they were made. `mutated`: one reference changed. `moved`: one file declared
 * at another place. `late`: one file comes after others that have run.
 */
export type TrialKind = 'declared' | 'mutated' | 'moved' | 'late'

/** One question whose answer is known, and what was answered. */
export type OrderTrial = {
  readonly kind: TrialKind
  /**
   * What a real database does: `unsafe` is an error or, for a late file, another result. `either`: the
   * result is the same, though the generator knows a dependency.
   */
  readonly truth: 'safe' | 'unsafe' | 'either'
  readonly analyser: 'accepted' | 'refused'
  /** What the shadow adds: the verdict of both together. */
  readonly shadow: 'accepted' | 'refused'
  /** Sentences on what is wrong with an answer beside the verdict; empty: nothing. */
  readonly faults: readonly string[]
  /** The files, for a report. */
  readonly files: readonly TrialFile[]
}

export type TrialOptions = {
  readonly parser: Parser
  /** Says what is true. */
  readonly server: TrialDatabase
  /** Is asked where the texts do not object. */
  readonly shadow: TrialDatabase
  /** The same seed gives the same trials. */
  readonly seed: number
  /** Statements of the history; default 40. */
  readonly statements?: number
  /** Trials of each kind beside the declared one; default 2. */
  readonly each?: number
}

type Trying = TrialOptions & { readonly random: () => number }

/** Asks the engine about a generated history and about what was changed in it. */
export async function tryOrders(options: TrialOptions): Promise<OrderTrial[]> {
  const { seed, statements = 40, each = 2 } = options
  const trying = { ...options, random: createRandom(seed + 1) }
  const history = historyFrom(randomSteps(seed, statements), { derivable: seed % 3 === 0 })
  const trials = [await tryDeclared(trying, history)]
  for (let count = 0; count < each; count += 1) {
    const more = [
      await tryMutated(trying, history),
      await tryMoved(trying, history),
      await tryLate(trying, history),
    ]
    trials.push(...more.filter((trial) => trial !== undefined))
  }
  return trials
}

const trialFiles = (files: readonly HistoryFile[]): TrialFile[] =>
  files.map((file) => ({ id: file.id, text: textOfFile(file) }))

/** Sources as a directory would give them, in whatever order the files come. */
export function sourcesOfTrial(files: readonly TrialFile[]) {
  return sourcesOf(files.map(({ id, text }) => ({ name: `${id}.sql`, bytes: Buffer.from(text) })))
    .sources
}

function judge({ parser }: Trying, files: readonly TrialFile[]): OrderVerdict {
  return judgeOrder(sourcesOfTrial(files), { parser })
}

const itself = async (result: TrialResult) => result

type Judged = Pick<OrderTrial, 'analyser' | 'shadow' | 'truth'>

/** Whether the files run: what the texts say, what the shadow says, and what is true. */
async function compare(
  trying: Trying,
  files: readonly TrialFile[],
  verdict: OrderVerdict,
): Promise<Judged & { readonly result: TrialResult }> {
  const result = await trying.server.run(files, itself)
  const analyser = verdict.kind === 'refused' ? 'refused' : 'accepted'
  const shadow = analyser === 'refused' ? analyser : await shadowOf(trying, files)
  return { analyser, shadow, truth: result.kind === 'done' ? 'safe' : 'unsafe', result }
}

async function shadowOf({ shadow }: Trying, files: readonly TrialFile[]) {
  const { kind } = await shadow.run(files, itself)
  return kind === 'done' ? ('accepted' as const) : ('refused' as const)
}

async function tryDeclared(trying: Trying, history: History): Promise<OrderTrial> {
  const files = trialFiles(history.files)
  const verdict = judge(trying, files)
  const { result, ...judged } = await compare(trying, files, verdict)
  const faults = result.kind === 'done' ? [] : [`the generator is wrong: ${result.message}`]
  return { kind: 'declared', ...judged, faults, files }
}

async function tryMutated(trying: Trying, history: History): Promise<OrderTrial | undefined> {
  const mutation = mutateReference(history, Math.floor(trying.random() * 1_000_000))
  if (mutation === undefined) return undefined
  const files = trialFiles(mutation.history.files)
  const verdict = judge(trying, files)
  const { result, ...judged } = await compare(trying, files, verdict)
  // Another thing of that name may stand in a schema that the search path reaches.
  if (result.kind === 'done') return undefined
  const faults = judged.analyser === 'refused' ? faultsOfPlace(mutation, verdict) : []
  return { kind: 'mutated', ...judged, faults, files }
}

function faultsOfPlace(
  { history, file, line, column, kind, name, original }: Mutation,
  verdict: OrderVerdict,
): string[] {
  const id = history.files[file]?.id
  const there = verdict.objections.find(
    (one) => one.migration === id && one.line === line && one.column === column,
  )
  const place = `${id}.sql:${line}:${column}`
  if (there !== undefined)
    return kind === 'misspelt' && !saysName(there, nameIn(original))
      ? [`${place}: ${name} does not remind of ${nameIn(original)}: ${there.because}`]
      : []
  // A former name may be another thing's by now, of which the statement then wants too much.
  const isTaken = kind === 'former' && verdict.objections.some(({ migration }) => migration === id)
  return isTaken ? [] : [`${place} (${kind}) is not named, but ${placesOf(verdict)}`]
}

const placesOf = ({ objections }: OrderVerdict) =>
  objections.map(({ file, line, column }) => `${file}:${line}:${column}`).join(', ')

const saysName = (objection: { because: string; remedy: string }, name: string) =>
  `${objection.because} ${objection.remedy}`.replaceAll('""', '"').includes(name)

/** Declares one file a few places away from where it belongs. */
async function tryMoved(trying: Trying, history: History): Promise<OrderTrial | undefined> {
  const move = pickMove(trying, history)
  if (move === undefined) return undefined
  const files = trialFiles(history.files)
  const moved = renumber(
    trying.random() < 0.5 ? earlier(files, move) : earlier(files.toReversed(), move).toReversed(),
  )
  const verdict = judge(trying, moved)
  const { result: _, ...judged } = await compare(trying, moved, verdict)
  return {
    kind: 'moved',
    ...judged,
    faults: await faultsOfProposal(trying, moved, verdict),
    files: moved,
  }
}

type Move = { readonly from: number; readonly by: number }

/** A file, and how many before it are passed. */
function pickMove({ random }: Trying, { files }: History): Move | undefined {
  if (files.length < 2) return undefined
  const from = 1 + Math.floor(random() * (files.length - 1))
  return { from, by: Math.min(from, pickDistance({ random })) }
}

const pickDistance = ({ random }: Pick<Trying, 'random'>) =>
  [1, 3, 10][Math.floor(random() * 3)] ?? 1

function earlier<T>(files: readonly T[], { from, by }: Move): T[] {
  const [one] = files.slice(from, from + 1)
  const rest = files.filter((_, index) => index !== from)
  return one === undefined ? rest : rest.toSpliced(from - by, 0, one)
}

const renumber = (files: readonly TrialFile[]): TrialFile[] =>
  files.map(({ id, text }, index) => ({
    id: `${String(index + 1).padStart(4, '0')}_was_${id}`,
    text,
  }))

const unknownReference = new Set(['42P01', '42703', '42704', '42883', '42P07'])

/** A proposal is worth something only where it runs. */
async function faultsOfProposal(
  { server }: Trying,
  files: readonly TrialFile[],
  { proposal }: OrderVerdict,
): Promise<string[]> {
  if (proposal === undefined) return []
  const byId = new Map(files.map((file) => [file.id, file]))
  const result = await server.run(
    proposal.order.flatMap((id) => byId.get(id) ?? []),
    itself,
  )
  if (result.kind === 'done' || !unknownReference.has(result.sqlstate)) return []
  return [`the proposal ${proposal.order.join(' ')} fails in ${result.id}: ${result.message}`]
}

/** Everything but one file has run; may that one come last? */
async function tryLate(trying: Trying, history: History): Promise<OrderTrial | undefined> {
  const { files } = history
  const at = Math.floor(trying.random() * (files.length - 1))
  const last = at + pickDistance(trying)
  const [late, ...passed] = files.slice(at, last + 1)
  if (late === undefined || passed.length === 0) return undefined
  const before = files.slice(0, at)
  const declared = trialFiles([...before, late, ...passed])
  const reached = trialFiles([...before, ...passed, late])
  const real = await whetherSame(trying.server, declared, reached)
  const conflict = lateConflict(trying, declared, late)
  const isKnown = passed.some((other) => filesDepend(late, other))
  return {
    kind: 'late',
    truth: truthOf(real.isSame, isKnown),
    analyser: conflict === undefined ? 'accepted' : 'refused',
    shadow: await withShadow(trying, { declared, reached, conflict }),
    faults: real.isSame || isKnown ? [] : ['the generator does not know this dependency'],
    files: reached,
  }
}

type Late = {
  readonly declared: readonly TrialFile[]
  readonly reached: readonly TrialFile[]
  readonly conflict: 'object' | 'rows' | undefined
}

/** The empty shadow sees no rows; of objects it knows more than the texts. */
async function withShadow(trying: Trying, { declared, reached, conflict }: Late) {
  if (conflict === 'rows') return 'refused'
  const { isSameSchema } = await whetherSame(trying.shadow, declared, reached)
  return isSameSchema ? 'accepted' : 'refused'
}

function truthOf(isSame: boolean, isKnown: boolean): OrderTrial['truth'] {
  if (!isSame) return 'unsafe'
  return isKnown ? 'either' : 'safe'
}

async function whetherSame(
  database: TrialDatabase,
  declared: readonly TrialFile[],
  reached: readonly TrialFile[],
) {
  const read = async (result: TrialResult) => (result.kind === 'done' ? result.read() : undefined)
  const other = await database.run(reached, read)
  const one = other === undefined ? undefined : await database.run(declared, read)
  if (one === undefined || other === undefined) return { isSame: false, isSameSchema: false }
  const isSameSchema = one.schema === other.schema
  return { isSame: isSameSchema && one.rows === other.rows, isSameSchema }
}

/** What the texts say against running this file after the others. */
function lateConflict(
  { parser }: Trying,
  declared: readonly TrialFile[],
  { id }: HistoryFile,
): 'object' | 'rows' | undefined {
  const { analyses } = judgeOrder(sourcesOfTrial(declared), { parser })
  const at = analyses.findIndex((analysis) => analysis.id === id)
  const late = analyses[at]
  if (late === undefined) return undefined
  const conflicts = analyses
    .slice(at + 1)
    .flatMap((passed) => statementsInConflict(late, passed)?.conflict ?? [])
  if (conflicts.length === 0) return undefined
  return conflicts.some(({ kind }) => kind === 'object') ? 'object' : 'rows'
}

/** How often a verdict was right. */
export type Tally = {
  readonly unsafe: number
  readonly found: number
  readonly safe: number
  readonly falseAlarms: number
}

/** @param by whose verdict; `shadow` stands for both together */
export function tally(trials: readonly OrderTrial[], by: 'analyser' | 'shadow'): Tally {
  const count = (truth: OrderTrial['truth'], verdict?: 'refused') =>
    trials.filter((one) => one.truth === truth && (verdict === undefined || one[by] === verdict))
      .length
  return {
    unsafe: count('unsafe'),
    found: count('unsafe', 'refused'),
    safe: count('safe'),
    falseAlarms: count('safe', 'refused'),
  }
}

/** What a trial got wrong, as a sentence; undefined: nothing. */
export function mistakeOf({ kind, truth, shadow, faults }: OrderTrial): string | undefined {
  const [fault] = faults
  if (fault !== undefined) return `${kind}: ${fault}`
  if (truth === 'unsafe' && shadow === 'accepted') return `${kind}: accepted what does not run`
  if (truth === 'safe' && shadow === 'refused') return `${kind}: refused what runs`
  return undefined
}
