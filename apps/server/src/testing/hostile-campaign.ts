import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createExtractor } from '../integrations/extraction/extractor.ts'
import { recognizeFormat } from '../integrations/extraction/recognize-format.ts'
import { AppError } from '../platform/errors/app-error.ts'
import { type HostileFile, hostileFiles } from './hostile-files.ts'

export type HostileReport = {
  readonly files: number
  /** Those whose text was taken as if it were one of a good file, and what else went wrong. */
  readonly failures: readonly string[]
  readonly refusedAtTheDoor: number
  readonly refusedWhileReading: number
  readonly slowestMs: number
  /** How long the event loop was held at most. */
  readonly heldMs: number
}

/** Sends hostile files the way of an upload: to the check at the door, then to the reader. */
export async function hostileCampaign(count: number): Promise<HostileReport> {
  const directory = await mkdtemp(join(tmpdir(), 'hostile-'))
  const extractor = createExtractor()
  const failures: string[] = []
  const ends = { door: 0, reading: 0 }
  let slowestMs = 0
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  for (const file of hostileFiles(count)) {
    const began = performance.now()
    const end = await tryFile(file, { directory, extractor }).catch((error: unknown) => error)
    slowestMs = Math.max(slowestMs, performance.now() - began)
    if (end === 'door' || end === 'reading') ends[end] += 1
    else failures.push(`${file.kind} (${file.name}): ${String(end)}`)
  }
  loop.disable()
  await rm(directory, { recursive: true, force: true })
  return {
    files: count,
    failures,
    refusedAtTheDoor: ends.door,
    refusedWhileReading: ends.reading,
    slowestMs: Math.round(slowestMs),
    heldMs: Math.round(loop.max / 1e6),
  }
}

type Ground = {
  readonly directory: string
  readonly extractor: ReturnType<typeof createExtractor>
}

/** @returns where it was refused, or that it was not. @throws what is no refusal */
async function tryFile(
  { name, bytes }: HostileFile,
  { directory, extractor }: Ground,
): Promise<'door' | 'reading' | 'accepted'> {
  const path = join(directory, 'file')
  await writeFile(path, bytes)
  try {
    const format = await recognizeFormat({ path, sizeBytes: bytes.length, name })
    try {
      const { state } = await extractor.extract({ bytes, format })
      return state === 'ready' ? 'accepted' : 'reading'
    } catch (error) {
      if (isRefusal(error)) return 'reading'
      throw error
    }
  } catch (error) {
    if (isRefusal(error)) return 'door'
    throw error
  }
}

const isRefusal = (error: unknown) =>
  error instanceof AppError && error.code.startsWith('document.')
