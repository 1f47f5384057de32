import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './progress.mjs'
import { runtimeDirectory } from './project.mjs'

const pollMs = 200
/** A lock that names nobody is one whose owner was killed before it could write its name. */
const namelessMaxMs = 5_000

/** Installing packages may have to fetch npm first, under the same lock. */
let isOurs = false

/**
 * Does work that two launches of one clone must not do at the same time. Whoever waited finds the work
 * of the other done, so `work` looks again whether anything is left to do.
 */
export async function exclusively(work) {
  if (isOurs) return work()
  const lock = join(runtimeDirectory, 'lock')
  await take(lock)
  isOurs = true
  try {
    return await work()
  } finally {
    isOurs = false
    rmSync(lock, { recursive: true, force: true })
  }
}

async function take(lock) {
  mkdirSync(runtimeDirectory, { recursive: true })
  for (let told = false; ;) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readHolder(lock)
    if (holder === 'dead') {
      removeDead(lock)
      continue
    }
    if (!told) say(`Waiting for another launch (process ${holder}) that is setting up`)
    told = true
    await sleep(pollMs)
  }
}

function readHolder(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'))
    if (pid > 0) return isRunning(pid) ? pid : 'dead'
  } catch {
    // Not written yet, or never.
  }
  return isOld(lock) ? 'dead' : 'unknown'
}

function isOld(lock) {
  try {
    return Date.now() - statSync(lock).mtimeMs > namelessMaxMs
  } catch {
    return false
  }
}

/** Moved away first: of two launches that both see it dead, only one can move it. */
function removeDead(lock) {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
    rmSync(aside, { recursive: true, force: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
