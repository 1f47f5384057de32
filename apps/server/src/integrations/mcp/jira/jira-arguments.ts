import { z } from 'zod'
import { quoteJql } from '../../jira/jira-client.ts'
import { namesOf } from '../csv-argument.ts'
import { badArgument } from '../tool-refusal.ts'

/**
 * The query, kept to some projects. The order stays outside of the brackets.
 *
 * @throws ToolRefusal for a query whose brackets would reach out of ours
 */
export function within(jql: string, projects: readonly string[] | undefined): string {
  if (projects === undefined) return jql
  const [, query = '', order = ''] = /^([\s\S]*?)(\border\s+by\b[\s\S]*)?$/i.exec(jql) ?? []
  if (!isBalanced(query)) throw badArgument('jql', 'its brackets or quotation marks do not match')
  const inProjects = `project in (${projects.map(quoteJql).join(', ')})`
  const both = query.trim() === '' ? inProjects : `${inProjects} AND (${query.trim()})`
  return `${both} ${order}`.trim()
}

const texts = /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'/g

function isBalanced(query: string): boolean {
  const bare = query.replaceAll(texts, '')
  if (/["']/.test(bare)) return false
  let depth = 0
  for (const letter of bare) {
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}

/** Of an issue's key. */
export function projectOf(issueKey: string): string {
  return issueKey.slice(0, issueKey.lastIndexOf('-'))
}

/** @throws ToolRefusal for anything but a JSON object */
export function objectOf(argument: string, json: string | undefined): Record<string, unknown> {
  return readJson(z.record(z.string(), z.unknown()), argument, json ?? '{}')
}

/**
 * JSON in a string, as the other server takes it.
 *
 * @throws ToolRefusal that shows what is expected
 */
export function readJson<T>(schema: z.ZodType<T>, argument: string, json: string): T {
  const read = schema.safeParse(parse(json))
  if (read.success) return read.data
  const expected = schema.description ?? 'a JSON object is expected, such as {"labels": ["a"]}'
  throw badArgument(argument, expected)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const visibility = z
  .object({ type: z.enum(['role', 'group']), value: z.string().min(1) })
  .describe('JSON is expected, such as {"type": "role", "value": "Developers"}')

export function visibilityOf(argument: string, json: string | undefined) {
  return json === undefined ? undefined : readJson(visibility, argument, json)
}

/** @throws ToolRefusal for a list without members, or longer than Jira takes at once */
export function listOf(argument: string, csv: string, most = 50): string[] {
  const names = namesOf(csv) ?? []
  if (names.length === 0) throw badArgument(argument, 'comma-separated values are expected')
  if (names.length > most) throw badArgument(argument, `at most ${most} are taken at once`)
  return names
}
