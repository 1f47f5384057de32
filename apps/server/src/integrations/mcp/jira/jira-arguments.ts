import { quoteJql } from '../../jira/jira-client.ts'
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
