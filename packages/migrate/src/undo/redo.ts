import { execute, type ExecuteOptions, type ExecuteResult } from '../execute/execute.ts'
import { undo, type UndoOptions, type UndoResult } from './undo.ts'

export type RedoOptions = UndoOptions & Pick<ExecuteOptions, 'migrations' | 'chain' | 'proveClaims'>

/** How both ways ended; `up` is undefined where the way back did not come to its end. */
export type RedoResult = { readonly down: UndoResult; readonly up: ExecuteResult | undefined }

/** Takes migrations back and runs them again, as the files have them now. */
export async function redo(options: RedoOptions): Promise<RedoResult> {
  const down = await undo(options)
  const isBack = down.kind === 'done' || down.kind === 'nothing-to-do'
  return { down, up: isBack ? await execute(options) : undefined }
}
