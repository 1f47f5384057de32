import { execFile } from 'node:child_process'
import { readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './embedded-postgres-error.ts'

/** What the running server says about itself in `postmaster.pid`. */
export type PostmasterFile = {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

/** `undefined` when there is none, or when it is just being written. */
export async function readPostmasterFile(
  dataDirectory: string,
): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Math.abs(Number(lines[0]))
  if (!Number.isInteger(pid) || pid === 0) return undefined
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' }
}

/**
 * Whose a process id is. After a crash the number in `postmaster.pid` may have gone to any other
 * program, or to remains that nobody collected (both `stranger`). `perhaps-ours` where the system
 * cannot prove it, `nobody` where the number is free.
 */
export type Owner = 'nobody' | 'ours' | 'perhaps-ours' | 'stranger'

export async function ownerOf(pid: number, dataDirectory: string): Promise<Owner> {
  if (!exists(pid)) return 'nobody'
  if (process.platform === 'linux') return ownerOnLinux(pid, dataDirectory)
  if (process.platform === 'win32') return 'perhaps-ours'
  const described = await describeProcess(pid)
  return described.endsWith('postgres') ? 'perhaps-ours' : 'stranger'
}

export async function isRunning(pid: number): Promise<boolean> {
  if (!exists(pid)) return false
  return process.platform !== 'linux' || !isOver((await readProcStat(pid)).state)
}

/**
 * A server belongs to the owner of its data directory and works inside it. Where we may not look at
 * the second (root without CAP_SYS_PTRACE, as in a container), its name has to do.
 */
async function ownerOnLinux(pid: number, dataDirectory: string): Promise<Owner> {
  const { name, state } = await readProcStat(pid)
  if (isOver(state)) return 'stranger'
  try {
    const [running, data] = await Promise.all([stat(`/proc/${pid}`), stat(dataDirectory)])
    if (running.uid !== data.uid) return 'stranger'
    const home = await readlink(`/proc/${pid}/cwd`)
    return home === (await realpath(dataDirectory)) ? 'ours' : 'stranger'
  } catch {
    return name === 'postgres' ? 'perhaps-ours' : 'stranger'
  }
}

async function readProcStat(pid: number): Promise<{ name: string; state: string }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [, name = '', state = ''] = /\((.*)\) (\S)/s.exec(text) ?? []
  return { name, state }
}

/** A process that waits to be collected by its parent does nothing any more. */
function isOver(state: string): boolean {
  return state === 'Z' || state === 'X'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

async function describeProcess(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('/bin/ps', ['-o', 'state=,comm=', '-p', String(pid)], (_error, output) =>
      resolve(output.trim()),
    )
  })
}
