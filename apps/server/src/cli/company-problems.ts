import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  companyFileNames,
  type CompanyTexts,
  readCompanyFiles,
} from '../integrations/llm/company/company-files.ts'

/** Without any of the four files there is no company model, which is no problem. */
export async function companyProblems(directory: string, language: 'en' | 'he'): Promise<string[]> {
  const found = await Promise.all(
    companyFileNames.map((name) => readFile(join(directory, name), 'utf8').catch(() => undefined)),
  )
  if (found.every((text) => text === undefined)) return []
  const entries = companyFileNames.map((name, index) => [name, found[index] ?? ''])
  const read = readCompanyFiles(Object.fromEntries(entries) as CompanyTexts)
  if (read.kind === 'valid') return []
  return read.problems.map(({ file, pointer, line, column, message, fix }) => {
    const place = pointer === '' ? '' : ` ${pointer}`
    return `${join(directory, file)}:${line}:${column}${place}: ${message[language]} ${fix[language]}`
  })
}
