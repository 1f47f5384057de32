import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { StarterMessage } from './starter.ts'

/** A process of its own that runs migrations; it waits for a message before it begins. */
export type Starter = {
  readonly child: ChildProcess
  /** Undefined where the process was killed. */
  readonly ended: Promise<{ readonly kind: string } | undefined>
}

const scripts = {
  up: fileURLToPath(new URL('./starter.ts', import.meta.url)),
  down: fileURLToPath(new URL('./undoer.ts', import.meta.url)),
}

/**
 * @param file path of a `StarterPlan` as JSON, or of an `UndoerPlan`
 * @param way whether it runs migrations or takes them back
 */
export async function startStarter(file: string, way: 'up' | 'down' = 'up'): Promise<Starter> {
  const child = fork(scripts[way], [file], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let result: { readonly kind: string } | undefined
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: StarterMessage) => {
      if (message.type === 'ready') resolve()
      if (message.type === 'result') result = message.result
    })
  })
  const ended = new Promise<{ readonly kind: string } | undefined>((resolve) =>
    child.once('exit', () => resolve(result)),
  )
  await ready
  return { child, ended }
}
