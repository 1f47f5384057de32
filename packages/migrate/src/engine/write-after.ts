import { readFile, rename, writeFile } from 'node:fs/promises'
import type { MigrationSource } from '../text/source.ts'
import type { PlannedOrder } from './migration-plan.ts'

/**
 * Writes the `-- after:` lines of a proposed order into the files, so that it becomes the declared
 * one. Everything else in them stays as it is, to the byte.
 *
 * @returns paths of the files that were changed
 */
export async function writeAfter(
  sources: readonly MigrationSource[],
  { after }: Pick<PlannedOrder, 'after'>,
): Promise<string[]> {
  const changed: string[] = []
  for (const { id, file } of sources) {
    const ids = after[id]
    if (ids === undefined) continue
    const text = await readFile(file, 'utf8')
    const draft = `${file}.${process.pid}.draft`
    await writeFile(draft, withAfter(text, ids))
    await rename(draft, file)
    changed.push(file)
  }
  return changed
}

/** The text with its header line `after`, in place of the one that is there or as a new one. */
export function withAfter(text: string, ids: readonly string[]): string {
  const mark = text.startsWith('﻿') ? '﻿' : ''
  const body = text.slice(mark.length)
  const lineEnd = /\r\n|\r|\n/.exec(body)?.[0] ?? '\n'
  const line = `-- after: ${ids.length === 0 ? 'none' : ids.join(', ')}`
  const lines = body.split(lineEnd)
  const end = lines.findIndex((one) => !one.startsWith('--'))
  const header = lines.slice(0, end === -1 ? lines.length : end)
  const known = header.findIndex((one) => /^--\s*after:/.test(one))
  if (known !== -1) return mark + lines.with(known, line).join(lineEnd)
  const why = header.findIndex((one) => /^--\s*why:/.test(one))
  return mark + lines.toSpliced(why + 1, 0, line).join(lineEnd)
}
