import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const processMark = z.object({ pid: z.int().positive(), startedAt: z.string().min(1) })
const childRecord = z.object({ owner: processMark, child: processMark })
type ProcessMark = z.output<typeof processMark>

const prefix = 'studioops-tools-'
const suffix = '.child.json'

/** Where the record of a program lies: beside its directory, so that they go together. */
const pathOf = (directory: string) => `${directory}${suffix}`

/** Notes who started which program, so that it is found after an end without a farewell. */
export function noteChild(directory: string, pid: number): void {
  const [owner, child] = [process.pid, pid].map(markOf)
  if (owner === undefined || child === undefined) return
  writeFileSync(pathOf(directory), JSON.stringify({ owner, child }), { mode: 0o600 })
}

export function forgetChild(directory: string): void {
  rmSync(pathOf(directory), { force: true })
}

/**
 * Ends programs whose StudioOps was killed, each with everything that it started, and removes what
 * they left. Never one whose owner still lives, nor a process that has only inherited the number.
 *
 * @returns how many were ended
 */
export function endOrphans(folder: string = tmpdir()): number {
  let ended = 0
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue
    const path = join(folder, name)
    const record = readRecord(path)
    if (record === undefined || isSame(record.owner)) continue
    if (isSame(record.child)) {
      endGroup(record.child.pid)
      ended += 1
    }
    rmSync(path.slice(0, -suffix.length), { recursive: true, force: true })
    rmSync(path, { force: true })
  }
  return ended
}

/** Of a file that is ours; anybody may write into the folder. */
function readRecord(path: string) {
  try {
    if (statSync(path).uid !== process.getuid?.()) return undefined
    return childRecord.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

function isSame({ pid, startedAt }: ProcessMark): boolean {
  return markOf(pid)?.startedAt === startedAt
}

/** A process by its number and the moment at which it began; numbers are used again. */
function markOf(pid: number): ProcessMark | undefined {
  try {
    const startedAt = process.platform === 'linux' ? startInTicks(pid) : startByPs(pid)
    return startedAt === '' ? undefined : { pid, startedAt }
  } catch {
    return undefined
  }
}

function startInTicks(pid: number): string {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in brackets may hold anything; the start is the twentieth field after it.
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function startByPs(pid: number): string {
  return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: 2_000 })
    .toString()
    .trim()
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
