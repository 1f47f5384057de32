import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A program of this folder as a process of its own. */
export type Program<Answer> = {
  readonly pid: number
  /** The next thing that it says. @throws when it ends without a word */
  next(): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts `<name>.ts`, which gets its settings as its first message: an argument has a limit of length. */
export function startProgram<Answer>(name: string, settings: unknown): Program<Answer> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), {
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../.runtime/cache') },
  })
  child.send({ settings })
  const exited = new Promise<unknown>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  )
  // What it said last may be read after its end.
  const silent = new Promise<void>((resolve) => child.once('disconnect', () => resolve()))
  const said: Answer[] = []
  const waiting: ((answer: Answer) => void)[] = []
  child.on('message', (message) => {
    const hear = waiting.shift()
    if (hear === undefined) said.push(message as Answer)
    else hear(message as Answer)
  })
  return {
    pid: child.pid ?? 0,
    next() {
      const [known] = said.splice(0, 1)
      if (known !== undefined) return Promise.resolve(known)
      const ended = Promise.all([exited, silent]).then(([how]) => {
        throw new Error(`${name}.ts ended without an answer (${String(how)})`)
      })
      return Promise.race([new Promise<Answer>((resolve) => waiting.push(resolve)), ended])
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** In the program itself: its settings. */
export async function readSettings<Settings>(): Promise<Settings> {
  const [{ settings }] = (await once(process, 'message')) as [{ settings: Settings }]
  return settings
}

/** In the program itself. Resolves when the answer has left: one that is long takes a while. */
export function tell(answer: object): Promise<void> {
  return new Promise((resolve) => process.send?.(answer, () => resolve()))
}
