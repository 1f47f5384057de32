import { describe, expect, it } from 'vitest'
import { describeRuns, type Run } from './whole-report.ts'

const plan = [
  { name: 'uploads', proves: 'Kills' },
  { name: 'bench', proves: 'Speed' },
  { name: 'mcp', proves: 'Others' },
]

const run: Run = {
  name: 'uploads',
  command: 'npm run chaos:uploads -- --kills 1000 --seed 7',
  commit: '1a2b3c4',
  startedAt: '2026-11-22T08:01:02.000Z',
  seconds: 1_500,
  exitCode: 0,
  loads: [0.5, 3.25],
  machine: '2 cores, 24 GB, Node 24.18.0',
  output: '20 kills, 90 files acknowledged\n\u001B[1m0 files lost\u001B[0m, 0 orphans\n',
}

describe('the report of the campaigns', () => {
  it('shows what was printed, with command, seed, commit and load, and leaves progress out', () => {
    const text = describeRuns([run], plan)
    expect(text).toContain('| uploads | Kills | passed | 25 min | 1a2b3c4 | 2026-11-22 08:01 |')
    expect(text).toContain(
      '--seed 7` on 2 cores, 24 GB, Node 24.18.0, load 0.5 before and 3.3 after',
    )
    expect(text).toContain('\n0 files lost, 0 orphans\n')
    expect(text).not.toContain('acknowledged')
  })

  it('says of each campaign that failed or was not run, that it did', () => {
    const text = describeRuns([{ ...run, name: 'bench', exitCode: 1, seconds: 9_000 }], plan)
    expect(text).toContain('| bench | Speed | **failed** | 2.5 h |')
    expect(text).toContain('| uploads | Kills | not run |')
    expect(text).toContain('| mcp | Others | not run |')
  })
})
