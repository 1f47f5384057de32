import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `met`: proven here. `operator`: by how it is installed. `open`: not yet. `no`: does not apply. */
export type AsvsState = 'met' | 'partly' | 'operator' | 'open' | 'later' | 'no'

export type AsvsRow = {
  readonly id: string
  readonly state: AsvsState
  readonly proofs: readonly Proof[]
}

/** A place in a file that says so: a title of a test, a rule of the linter, or a heading of a document. */
type Proof = { readonly path: string; readonly words: string }

const states: readonly AsvsState[] = ['met', 'partly', 'operator', 'open', 'later', 'no']
const row = /^\|\s*(\d+\.\d+\.\d+)\s*\|\s*[12]\s*\|(.*)\|\s*(\w+)\s*\|(.*)\|\s*$/
const proof = /\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\) › "([^"]+)"/g

/** Reads the rows of `docs/asvs-l2.md`. @throws Error where a state is unknown or an id stands twice */
export function readAsvs(markdown: string): AsvsRow[] {
  const rows = markdown.split('\n').flatMap((line): AsvsRow[] => {
    const [, id, , state, proofs = ''] = row.exec(line) ?? []
    if (id === undefined) return []
    const known = states.find((one) => one === state)
    if (known === undefined) throw new Error(`${id}: ${state} is none of ${states.join(', ')}`)
    const found = [...proofs.matchAll(proof)].map(([, path = '', words = '']) => ({ path, words }))
    return [{ id, state: known, proofs: found }]
  })
  const ids = rows.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new Error(`${twice} stands twice`)
  return rows
}

/** What is wrong with the proofs, a sentence each: a dead link, or a row that is met by nothing. */
export function deadProofs(rows: readonly AsvsRow[], file: string): string[] {
  return rows.flatMap(({ id, state, proofs }) => [
    ...(['met', 'partly'].includes(state) && proofs.length === 0
      ? [`${id} is ${state} and has no proof`]
      : []),
    ...proofs.flatMap(({ path, words }) => explainDead(id, join(dirname(file), path), words)),
  ])
}

function explainDead(id: string, path: string, words: string): string[] {
  if (!existsSync(path)) return [`${id} names ${path}, which is not there`]
  const text = readFileSync(path, 'utf8')
  return text.includes(words) ? [] : [`${id} names "${words}", which is not in ${path}`]
}

/** One line for a terminal and for the document. */
export function countAsvs(rows: readonly AsvsRow[]): string {
  const of = (state: AsvsState) => rows.filter((one) => one.state === state).length
  const applying = rows.length - of('no') - of('later')
  return `${rows.length} rows, ${applying} apply: ${of('met')} met, ${of('partly')} partly, ${of('operator')} by the operator, ${of('open')} open; ${of('later')} wait for a feature, ${of('no')} do not apply`
}

const countPlace = /<!-- count -->[\s\S]*?<!-- \/count -->/

/** The document with its count brought up to date. @throws Error naming every dead link */
export function renderAsvs(markdown: string, file: string): string {
  const rows = readAsvs(markdown)
  const dead = deadProofs(rows, file)
  if (dead.length > 0) throw new Error(`\n  ${dead.join('\n  ')}`)
  return markdown.replace(countPlace, `<!-- count -->\n${countAsvs(rows)}.\n<!-- /count -->`)
}
