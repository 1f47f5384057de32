import { createHash } from 'node:crypto'
import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  companyFileNames,
  companySchemas,
  type CompanyTexts,
} from '../../integrations/llm/company/company-files.ts'
import { codeOf } from '../../platform/outbound/outbound-error.ts'
import { writeDurably } from '../../platform/instance/durable-file.ts'

export const noTexts: CompanyTexts = {
  'config.json': '',
  'header.json': '',
  'payload.json': '',
  'prompts.json': '',
}

/** The four files that are shipped as something to begin with. */
export function readExamples(directory: string): CompanyTexts {
  const entries = companyFileNames.map((name) => [
    name,
    readFileSync(join(directory, name), 'utf8'),
  ])
  return Object.fromEntries(entries) as CompanyTexts
}

/** The same for a server at another address. */
export function examplesAt(examples: CompanyTexts, baseUrl: string): CompanyTexts {
  const config = examples['config.json'].replace('https://llm.corp.example', () => baseUrl)
  return { ...examples, 'config.json': config }
}

export type FolderContent =
  /** None of the four is there. */
  | { readonly kind: 'absent' }
  /** At least one is; those that are not are empty. */
  | { readonly kind: 'there'; readonly texts: CompanyTexts }
  /** One is there and cannot be read. */
  | { readonly kind: 'unreadable'; readonly error: unknown }

/** Tells contents apart; line ends and spaces count. */
export function hashOf(texts: CompanyTexts): string {
  return createHash('sha256')
    .update(JSON.stringify(companyFileNames.map((name) => texts[name])))
    .digest('hex')
}

const markName = '.in-force'
const waitMs = 300

/** The folder in which the four files stand for people with editors. */
export function createCompanyFolder(directory: string) {
  const read = async (name: string): Promise<string | undefined> => {
    try {
      return await readFile(join(directory, name), 'utf8')
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  return {
    directory,

    async read(): Promise<FolderContent> {
      try {
        const found = await Promise.all(companyFileNames.map((name) => read(name)))
        if (found.every((text) => text === undefined)) return { kind: 'absent' }
        const entries = companyFileNames.map((name, index) => [name, found[index] ?? ''])
        return { kind: 'there', texts: Object.fromEntries(entries) as CompanyTexts }
      } catch (error) {
        return { kind: 'unreadable', error }
      }
    },

    /** The hash of what this folder last had in common with what is in force. */
    async lastAgreed(): Promise<string | undefined> {
      return (await read(markName).catch(() => undefined))?.trim()
    },

    /** @throws the error of the file system; the files may then be of both versions */
    async agree(texts: CompanyTexts): Promise<void> {
      await writeDurably(join(directory, markName), `${hashOf(texts)}\n`, 0o600)
    },

    /** Replaces all four. @throws the error of the file system */
    async write(texts: CompanyTexts): Promise<void> {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      for (const name of companyFileNames)
        await writeDurably(join(directory, name), texts[name], 0o600)
    },

    /** Takes all four away. @throws the error of the file system */
    async clear(): Promise<void> {
      for (const name of [...companyFileNames, markName])
        await rm(join(directory, name), { force: true })
    },

    /** Makes the folder, and beside the files the schemas that their `$schema` names. */
    async prepare(): Promise<void> {
      const schemas = join(directory, 'schemas')
      await mkdir(schemas, { recursive: true, mode: 0o700 })
      const texts = companySchemas()
      for (const name of companyFileNames) {
        const path = join(schemas, name.replace('.json', '.schema.json'))
        const text = `${JSON.stringify(texts[name], undefined, 2)}\n`
        if ((await readFile(path, 'utf8').catch(() => undefined)) !== text)
          await writeDurably(path, text, 0o600)
      }
    },

    /** Calls back shortly after the last of several changes. Editors write more than once. */
    watch(changed: () => void): Disposable {
      let timer: NodeJS.Timeout | undefined
      const later = () => {
        clearTimeout(timer)
        timer = setTimeout(changed, waitMs)
      }
      const watcher = startWatching(directory, later)
      return {
        [Symbol.dispose]() {
          clearTimeout(timer)
          watcher?.close()
        },
      }
    },
  }
}

export type CompanyFolder = ReturnType<typeof createCompanyFolder>

/** Where the system cannot watch, the regular check finds changes all the same. */
function startWatching(directory: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_, name) => {
      if (name === null || (companyFileNames as readonly string[]).includes(name)) changed()
    })
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
