import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { say } from './progress.mjs'
import { root } from './project.mjs'

const isWindows = process.platform === 'win32'
const tether = fileURLToPath(new URL('tether.mjs', import.meta.url))
/** One Ctrl-C reaches us from the terminal and again through npm. */
const samePressMs = 1_500
const patienceMs = 10_000

const running = new Set()
let stopping = false

/**
 * @param {string} node the Node to run
 * @param {readonly string[]} args
 * @param {{ env?: object, output?: 'inherit' | 'pipe' }} options
 */
function start(node, args, { env = {}, output = 'inherit' } = {}) {
  const child = spawn(node, args, {
    cwd: root,
    env: environment(node, env),
    stdio: ['ignore', output, output, 'ipc'],
    // Signals of the terminal go to us alone, and we pass each one on exactly once.
    detached: !isWindows,
    windowsHide: true,
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** The server itself: it sees through its IPC channel when we are gone, and then ends on its own. */
export function startServer(node, args, options) {
  return ended(start(node, args, options))
}

/** Any other program, on a leash that ends it when we are gone. */
export function run(node, args, options) {
  return ended(start(node, [tether, ...args], options))
}

/** @returns {Promise<{ code: number, output: string }>} everything that it printed */
export async function runQuietly(node, args, options) {
  const env = { NO_COLOR: '1', FORCE_COLOR: undefined, ...options?.env }
  const child = start(node, [tether, ...args], { env, output: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  }
  return { code: await ended(child), output }
}

/** What a shell would say: the exit code, or 128 and the number of the signal. */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${child.spawnfile} cannot be started: ${error.message}`)
      resolve(1)
    })
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** The chosen Node first on PATH, so that everything below runs on it. */
function environment(node, extra) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env[name] ?? '']
  const env = { ...process.env, [name]: path.join(delimiter), ...extra }
  for (const [key, value] of Object.entries(env)) if (value === undefined) delete env[key]
  return env
}

export function isStopping() {
  return stopping
}

/** Ends all that runs. Each reason to stop is passed on once; a second press ends at once. */
export function stopAll(signal) {
  stopping = true
  for (const child of running) {
    if (isWindows && child.connected) child.disconnect()
    else signalGroup(child, signal)
  }
}

function signalGroup(child, signal) {
  try {
    process.kill(isWindows ? child.pid : -child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

export function passSignalsOn() {
  let last = -Infinity
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = performance.now()
      if (now - last < samePressMs) return
      if (stopping) return stopAll('SIGKILL')
      last = now
      stopAll(signal === 'SIGHUP' ? 'SIGTERM' : signal)
      setTimeout(() => say('Still stopping. Ctrl-C again ends it at once.'), patienceMs).unref()
      if (running.size === 0) process.exit(128 + constants.signals[signal])
    })
  }
}

/**
 * npm cannot pass on that it was killed, so we look whether it is still there. Between npm and us there
 * may be a shell, which outlives npm; then its parent is the one to watch.
 */
export function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const shell = process.ppid
  const beyond = parentOf(shell)
  const watch = setInterval(() => {
    if (process.ppid === shell && (beyond === undefined || parentOf(shell) === beyond)) return
    clearInterval(watch)
    stopAll('SIGTERM')
    if (running.size === 0) process.exit(1)
  }, 500)
  watch.unref()
}

function parentOf(pid) {
  if (process.platform !== 'linux') return undefined
  try {
    const [, name, parent] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return /^(ba|da|a|z|k)?sh$/.test(name) ? parent : undefined
  } catch {
    return undefined
  }
}
