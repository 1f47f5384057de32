import { describe, expect, it } from 'vitest'
import { buildMatrix } from './matrix.ts'
import { printMarkdown, printText } from './print.ts'
import type { Requirement } from './requirements.ts'

const row = (id: string, text: string): Requirement => ({
  id,
  area: id.split('-')[0] ?? '',
  areaTitle: 'Identity',
  text,
})
const requirements = [row('ID-1', 'Takes a URL'), row('ID-2', 'Takes a `PAT`'), row('UI-1', 'Menu')]
const proof = (id: string) => ({ id, file: 'a.test.ts', title: `works [${id}]` })

describe('the matrix', () => {
  it('counts per area what has a test', () => {
    const { areas, problems } = buildMatrix({ requirements, proofs: [proof('ID-2')], done: [] })
    expect(problems).toEqual([])
    expect(areas.map(({ area, proven, rows }) => [area, proven, rows.length])).toEqual([
      ['ID', 1, 2],
      ['UI', 0, 1],
    ])
  })

  it('fails on an id without a test only where the area is declared done', () => {
    const proofs = [proof('ID-1')]
    expect(buildMatrix({ requirements, proofs, done: ['UI', 'ID'] }).problems).toEqual([
      'ID-2 has no test, but ID is declared done; prove: Takes a `PAT`',
      'UI-1 has no test, but UI is declared done; prove: Menu',
    ])
    expect(
      buildMatrix({ requirements, proofs: [...proofs, proof('ID-2')], done: ['ID'] }).problems,
    ).toEqual([])
  })

  it('fails on an id in a title that no requirement has', () => {
    expect(buildMatrix({ requirements, proofs: [proof('ID-77')], done: [] }).problems).toEqual([
      'ID-77 is no requirement; correct the title "works [ID-77]" in a.test.ts.',
    ])
  })

  it('fails on an area declared done that does not exist', () => {
    expect(buildMatrix({ requirements, proofs: [], done: ['IDD'] }).problems).toEqual([
      'IDD is declared done, but no requirement begins with it; correct the list.',
    ])
  })
})

describe('the print', () => {
  const matrix = buildMatrix({
    requirements,
    proofs: [proof('ID-2'), proof('ID-77')],
    done: ['UI'],
  })

  it('for a terminal names tests, gaps and totals', () => {
    const text = printText(matrix)
    expect(text).toContain('  ID-2    Takes a PAT\n          a.test.ts: works [ID-2]')
    expect(text).toContain('  ID-1    Takes a URL\n          no test')
    expect(text).toContain('UI, Identity: 0 of 1 proven, declared done')
    expect(text).toContain('Total: 1 of 3 proven')
    expect(text).toContain('ID-77 is no requirement')
  })

  it('for a report is a table per area, with the tests of each id [DPL-7]', () => {
    const text = printMarkdown(matrix)
    expect(text).toContain('| ID-2 | Takes a PAT | `a.test.ts`: works [ID-2] |')
    expect(text).toContain('| ID-1 | Takes a URL | none |')
    expect(text).toContain('- UI-1 has no test')
  })
})
