import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { type Key, nameOfKey } from '../analyse/keys.ts'
import type { Edge } from './graph.ts'

/** Which files make, use and end a key. */
type Touchers = {
  readonly makers: Set<string>
  readonly users: Set<string>
  readonly enders: Set<string>
  readonly lateUsers: Set<string>
}

/** Kinds whose keys stand for one thing with a beginning and an end. */
const traced = /^(?:t|c|k|pk|ty|f|tg|pol|ru|st|s|ext|role|o):/

/**
 * What the texts alone say about the order: who makes a thing stands before those who use it, and
 * these before the one who drops it. A name that several files make or drop says nothing.
 */
export function derivedEdges(analyses: readonly MigrationAnalysis[]): Edge[] {
  const edges: Edge[] = []
  for (const [key, touchers] of touchersByKey(analyses)) edges.push(...edgesOf(key, touchers))
  return edges
}

function touchersByKey(analyses: readonly MigrationAnalysis[]): Map<Key, Touchers> {
  const all = new Map<Key, Touchers>()
  const note = (key: Key, role: keyof Touchers, id: string) => {
    if (!traced.test(key)) return
    const known = all.get(key) ?? {
      makers: new Set(),
      users: new Set(),
      enders: new Set(),
      lateUsers: new Set(),
    }
    known[role].add(id)
    all.set(key, known)
  }
  for (const analysis of analyses) {
    const { id } = analysis
    for (const key of analysis.creates) note(key, 'makers', id)
    for (const key of analysis.drops) note(key, 'enders', id)
    for (const key of analysis.reads) note(key, 'users', id)
    for (const key of analysis.releases) note(key, 'users', id)
    for (const key of analysis.softReads) note(key, 'lateUsers', id)
  }
  return all
}

function edgesOf(key: Key, { makers, users, enders, lateUsers }: Touchers): Edge[] {
  if (makers.size > 1 || enders.size > 1) return []
  const [maker] = makers
  const [ender] = enders
  const object = nameOfKey(key)
  const edge = (from: string, to: string, kind: Edge['kind']): Edge[] =>
    from === to ? [] : [{ from, to, kind, object }]
  return [
    ...(maker === undefined ? [] : [...users].flatMap((user) => edge(maker, user, 'derived'))),
    ...(maker === undefined ? [] : [...lateUsers].flatMap((user) => edge(maker, user, 'soft'))),
    ...(ender === undefined ? [] : [...users].flatMap((user) => edge(user, ender, 'derived'))),
    ...(maker === undefined || ender === undefined ? [] : edge(maker, ender, 'derived')),
  ]
}
