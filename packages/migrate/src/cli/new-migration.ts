import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type NewMigration = {
  readonly directory: string
  /** Any words; letters and digits of every script stay. */
  readonly name: string
  readonly why?: string | undefined
  readonly after?: readonly string[] | undefined
}

export type MadeMigration =
  | { readonly kind: 'made'; readonly id: string; readonly file: string }
  | { readonly kind: 'bad-name' }
  /** The files have prefixes of several forms, so that nobody can say what the next one is. */
  | { readonly kind: 'mixed-prefixes' }
  | { readonly kind: 'exists'; readonly file: string }

/**
 * Makes a file with the number after the highest, as wide as the others. Two people who do it at the
 * same time get two names or one refusal, never one file.
 *
 * @throws the error of `node:fs` where the directory cannot be made or read
 */
export async function makeMigration(options: NewMigration): Promise<MadeMigration> {
  const { directory, name, why = '', after } = options
  const words = name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
  if (words === '') return { kind: 'bad-name' }
  await mkdir(directory, { recursive: true })
  const prefix = nextPrefix(await readdir(directory), new Date())
  if (prefix === undefined) return { kind: 'mixed-prefixes' }
  const id = `${prefix}_${words}`
  const file = join(directory, `${id}.sql`)
  const header = [
    `-- why: ${why}`.trimEnd(),
    ...(after === undefined ? [] : [`-- after: ${after.length === 0 ? 'none' : after.join(', ')}`]),
  ]
  try {
    await writeFile(file, `${header.join('\n')}\n\n`, { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      return { kind: 'exists', file }
    throw error
  }
  return { kind: 'made', id, file }
}

/**
 * The prefix of the next file: one more than the highest in the same width, or the time where the
 * prefixes are times; undefined where they are of several forms.
 *
 * @param names of all files of the directory
 */
export function nextPrefix(names: readonly string[], now: Date): string | undefined {
  const prefixes = names.flatMap((name) => {
    if (!name.endsWith('.sql')) return []
    const prefix = /^\d+(?:[-.]\d+)*(?=[_-]|\.sql$)/.exec(name)?.[0]
    return prefix === undefined ? [] : [prefix]
  })
  const forms = new Set(prefixes.map((prefix) => prefix.replaceAll(/\d/g, 'N')))
  const [form] = forms
  if (form === undefined) return '0001'
  if (forms.size > 1) return undefined
  if (/^N+$/.test(form))
    return form.length >= 12 ? timeIn(form, now) : oneMore(prefixes, form.length)
  return timeIn(form, now)
}

function oneMore(prefixes: readonly string[], width: number): string | undefined {
  const highest = prefixes.map(BigInt).reduce((left, right) => (left > right ? left : right), 0n)
  const next = String(highest + 1n).padStart(width, '0')
  // A longer number would sort before all others.
  return next.length > width ? undefined : next
}

function timeIn(form: string, now: Date): string | undefined {
  const digits = now.toISOString().replaceAll(/\D/g, '')
  const wanted = form.replaceAll(/[^N]/g, '').length
  if (wanted > digits.length) return undefined
  let at = 0
  return form.replaceAll('N', () => digits[at++] ?? '0')
}
