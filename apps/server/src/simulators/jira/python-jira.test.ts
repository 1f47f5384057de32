import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { personNamed, serveJira } from './served-jira.test-data.ts'

/** Debian's package belongs to Debian's Python, which need not be the first one in the path. */
const python = ['python3', '/usr/bin/python3'].find((program) => {
  try {
    execFileSync(program, ['-c', 'import jira'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

describe('python-jira, a client that we did not write', () => {
  it('registers, creates, searches, reads, comments, links, and understands refusals [D-26]', async ({
    skip,
  }) => {
    if (python === undefined)
      return skip('python3 -c "import jira" fails: install the Debian package python3-jira')
    await using jira = await serveJira('dc')
    const { stdout } = await promisify(execFile)(python, [
      '-X',
      'utf8',
      join(import.meta.dirname, 'python_jira_client.py'),
      jira.url,
      personNamed('noa.levi').personalAccessToken,
    ])
    expect(JSON.parse(stdout)).toEqual({
      version: [10, 3, 24],
      deployment: 'Server',
      myself: 'noa.levi',
      projects: [
        ['PAY', 'Payments'],
        ['STU', 'סטודיו'],
        ['OPS', 'Operations'],
        ['DOC', 'Documentation'],
      ],
      project: ['Epic', 'Story', 'Task', 'Sub-task', 'Bug'],
      fields: expect.arrayContaining(['summary', 'customfield_10016', 'customfield_10014']),
      types: ['Epic', 'Story', 'Task', 'Sub-task', 'Bug'],
      priorities: ['Highest', 'High', 'Medium', 'Low', 'Lowest'],
      created: 'PAY-1',
      self: expect.stringMatching(`^${jira.url}/rest/api/2/issue/\\d+$`),
      found: [['PAY-1', 'שמירת כרטיס בקופה', ['so-pppppppppp']]],
      total: 1,
      all: 2,
      read: ['שמירת כרטיס בקופה', 'h2. קריטריוני קבלה\n* אחד', 2, 'נועה לוי'],
      comment: ['נראה *טוב*', 'noa.levi'],
      comments: ['נראה *טוב*'],
      links: ['PAY-2'],
      linkTypes: ['Blocks', 'Cloners', 'Duplicate', 'Relates', 'Split'],
      property: 'so-pppppppppp',
      badRequest: { status: 400, text: '', reason: null },
      badQuery: {
        status: 400,
        text: "Field 'nonsense' does not exist or you do not have permission to view it.",
        reason: null,
      },
      notFound: { status: 404, text: 'Issue Does Not Exist', reason: null },
      wrongToken: {
        status: 401,
        text: expect.stringContaining('Unauthorized'),
        reason: 'AUTHENTICATED_FAILED',
      },
    })
    expect(jira.simulator.counters()['creates']).toEqual({
      total: 2,
      byLabel: { 'so-pppppppppp': 1 },
      byDescriptionMarker: {},
    })
  })
})
