import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client'
import { hideSecrets } from '../../../platform/secret/live-secrets.ts'
import { forgetChild, noteChild } from './child-records.ts'
import { ToolServerError } from './tool-server-error.ts'
import { visibleText } from './visible-text.ts'

type Command = {
  /** As the operator named it. */
  readonly name: string
  readonly argv: readonly string[]
}

const lineMax = 10_000_000
const junkMax = 10
const stderrKept = 64 * 1024
const shownLines = 5
const termMs = 500
const killMs = 2_000

export type ChildTransport = Transport & {
  /** How many lines on standard output were no messages. */
  junk(): number
  /** The last lines of standard error, without secrets. */
  lastWords(): string
  readonly pid: () => number | undefined
}

/**
 * A server of tools as a program of its own: argv without a shell, a process group and a working
 * directory of its own, and an environment with a path and nothing else of ours. It is stopped
 * when it writes a line of more than 10 MB, or ten lines in a row that are no messages.
 */
export function createChildTransport({ name, argv }: Command): ChildTransport {
  let child: ChildProcess | undefined
  let directory: string | undefined
  let errors = ''
  let junkInRow = 0
  let junk = 0
  let isClosing = false
  const read = createLineReader({
    max: lineMax,
    onLine: hear,
    onTooLong: () => stopFor('a line was longer than 10 MB'),
  })

  function hear(line: string): void {
    if (line.trim() === '') return
    let message: JSONRPCMessage
    try {
      message = deserializeMessage(line)
      junkInRow = 0
    } catch {
      junk += 1
      junkInRow += 1
      if (junkInRow >= junkMax) stopFor('ten lines in a row were no messages')
      return
    }
    transport.onmessage?.(message)
  }

  function stopFor(reason: string): void {
    transport.onerror?.(new ToolServerError('tools.server-unreadable', { facts: { name, reason } }))
    void transport.close()
  }

  function cleanUp(): void {
    if (directory === undefined) return
    rmSync(directory, { recursive: true, force: true })
    forgetChild(directory)
    directory = undefined
  }

  const transport: ChildTransport = {
    junk: () => junk,
    pid: () => child?.pid,
    lastWords: () =>
      visibleText(hideSecrets(errors.trim().split('\n').slice(-shownLines).join('\n')), 500),

    async start() {
      const [file = '', ...args] = argv
      directory = mkdtempSync(join(tmpdir(), 'studioops-tools-'))
      const own = spawn(file, args, {
        cwd: directory,
        detached: process.platform !== 'win32',
        env: minimalEnvironment(directory),
        shell: false,
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
      })
      child = own
      if (own.pid !== undefined) noteChild(directory, own.pid)
      own.stdout.on('data', read)
      own.stderr.on('data', (chunk: Buffer) => {
        errors = `${errors}${chunk.toString()}`.slice(-stderrKept)
      })
      // A program that has ended reports here what was still being written to it.
      own.stdin.on('error', () => undefined)
      own.once('close', () => {
        cleanUp()
        transport.onclose?.()
      })
      await new Promise<void>((resolve, reject) => {
        own.once('spawn', resolve)
        own.once('error', (error) => {
          cleanUp()
          const facts = { name: file }
          reject(new ToolServerError('tools.command-missing', { facts, cause: error }))
        })
      })
    },

    async send(message) {
      const { stdin } = child ?? {}
      if (stdin === undefined || stdin === null || !stdin.writable)
        throw new ToolServerError('tools.server-away', { facts: { name } })
      await new Promise<void>((resolve, reject) => {
        stdin.write(serializeMessage(message), (error) =>
          error === null || error === undefined ? resolve() : reject(error),
        )
      })
    },

    async close() {
      if (child === undefined || isClosing) return
      isClosing = true
      await stopGroup(child)
    },
  }
  return transport
}

/** Lets the program end by itself, then asks it, then ends it with everything that it started. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const within = (ms: number) =>
    Promise.race([
      ended.then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms).unref()),
    ])
  child.stdin?.end()
  if (!(await within(termMs))) {
    signalGroup(child, 'SIGTERM')
    await within(killMs)
  }
  // Also where the program itself is gone: what it started may be left.
  signalGroup(child, 'SIGKILL')
  await within(killMs)
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch {
    // The group is gone already.
  }
}

function minimalEnvironment(directory: string): NodeJS.ProcessEnv {
  const folders = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin']
  return { PATH: folders.join(delimiter), HOME: directory, LANG: 'C.UTF-8' }
}

type Reader = {
  readonly max: number
  readonly onLine: (line: string) => void
  readonly onTooLong: () => void
}

function createLineReader({ max, onLine, onTooLong }: Reader): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let length = 0
  let isOver = false
  return (chunk) => {
    let from = 0
    while (!isOver) {
      const end = chunk.indexOf(10, from)
      const piece = chunk.subarray(from, end < 0 ? undefined : end)
      length += piece.length
      if (length > max) {
        isOver = true
        parts = []
        onTooLong()
        return
      }
      parts.push(piece)
      if (end < 0) return
      onLine(Buffer.concat(parts).toString('utf8'))
      parts = []
      length = 0
      from = end + 1
    }
  }
}
