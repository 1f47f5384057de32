import { readdirSync, readFileSync } from 'node:fs'

/** Processor time, thread by thread, so that threads that end in between do not count back. */
export type CpuMeter = {
  /** Microseconds since the last call, or since the meter was made. */
  lap(): number
}

/** The product's own process; its PostgreSQL is a child of it and is metered apart. */
export function meterProcess(pid: number): CpuMeter {
  return meter(() => [pid])
}

/** A process and all that it started, such as PostgreSQL with its backends. */
export function meterTree(root: number): CpuMeter {
  return meter(() => treeOf(root))
}

/**
 * Reads `/proc/<pid>/task/<tid>/schedstat`, whose first figure is nanoseconds on a processor. What a
 * process that ended in between has used is not seen.
 *
 * @throws where there is no such file: on anything but Linux
 */
function meter(pids: () => readonly number[]): CpuMeter {
  let before = readThreads(pids())
  return {
    lap() {
      const now = readThreads(pids())
      let usedNs = 0
      for (const [thread, ns] of now) usedNs += ns - (before.get(thread) ?? 0)
      before = now
      return usedNs / 1_000
    },
  }
}

function readThreads(pids: readonly number[]): Map<string, number> {
  const threads = new Map<string, number>()
  for (const pid of pids)
    for (const tid of list(`/proc/${pid}/task`)) {
      const [ns] = read(`/proc/${pid}/task/${tid}/schedstat`).split(' ')
      threads.set(`${pid} ${tid}`, Number(ns))
    }
  if (threads.size === 0)
    throw new Error(`nothing to measure of ${pids.join(' ')}; this needs Linux`)
  return threads
}

/** A process and all that it started, as long as each parent still runs. */
export function treeOf(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const [, parent] = /\) \S (\d+)/.exec(read(`/proc/${name}/stat`)) ?? []
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isBelow(parents.get(pid)))
  return [...parents.keys()].filter((pid) => isBelow(pid))
}

/**
 * Proportional set size: memory that is shared counts once, divided among those that share it.
 *
 * @returns MiB; undefined where the system does not let us look
 */
export function pssMiB(pids: readonly number[]): number | undefined {
  let kiB = 0
  for (const pid of pids) {
    const [, found] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? []
    if (found === undefined) return undefined
    kiB += Number(found)
  }
  return kiB / 1_024
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
