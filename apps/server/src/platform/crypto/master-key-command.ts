import { execFile } from 'node:child_process'

const patienceMs = 20_000
const keyForm = /^[0-9a-f]{64}$/i

export class MasterKeyCommandError extends Error {
  override readonly name = 'MasterKeyCommandError'
}

/**
 * Asks a program, such as that of a key service, for the master key: 64 hex digits on its standard
 * output. It is started without a shell.
 *
 * @throws MasterKeyCommandError with a sentence that holds nothing of what the program wrote
 */
export function askForMasterKey(command: readonly string[]): Promise<Buffer> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const options = { timeout: patienceMs, maxBuffer: 4_096, windowsHide: true }
    execFile(program, args, options, (error, stdout) => {
      const text = stdout.trim()
      if (error === null && keyForm.test(text)) resolve(Buffer.from(text, 'hex'))
      else reject(new MasterKeyCommandError(sentence(program, error)))
    })
  })
}

function sentence(program: string, error: Error | null): string {
  if (error === null)
    return `The master key command ${program} did not write 64 hex digits to its standard output.`
  const { code, signal } = error as { code?: string | number; signal?: string }
  return `The master key command ${program} failed (${String(code ?? signal ?? 'unknown')}); run it by hand to see why.`
}
