import { fork } from 'node:child_process'
import { join } from 'node:path'

/** A program of this folder as a process of its own. */
export type Program<Answer> = {
  readonly pid: number
  /** The next thing that it says. @throws when it ends without a word */
  next(): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts `<name>.ts` with its settings as JSON in the first argument. */
export function startProgram<Answer>(name: string, settings: unknown): Program<Answer> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), [JSON.stringify(settings)], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../.runtime/cache') },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
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
      const ended = exited.then(() => {
        throw new Error(`${name}.ts ended without an answer`)
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
export function readSettings<Settings>(): Settings {
  return JSON.parse(process.argv[2] ?? '{}') as Settings
}

/** In the program itself. */
export function tell(answer: object): void {
  process.send?.(answer)
}
