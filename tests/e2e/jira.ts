import { demoPerson } from './steps.ts'

/**
 * How many issues the simulated Jira holds, by its own search and not by what we remember.
 *
 * @param jql absent: all of them
 */
export async function countIssues(url: string, jql = ''): Promise<number> {
  const query = new URLSearchParams({ jql, maxResults: '0' })
  const answer = await fetch(`${url}/demo/jira/rest/api/2/search?${query}`, {
    headers: { authorization: `Bearer ${demoPerson('daniel.cohen').personalAccessToken}` },
  })
  const { total } = (await answer.json()) as { total: number }
  return total
}
