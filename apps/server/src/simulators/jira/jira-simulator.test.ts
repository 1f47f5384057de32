import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personNamed, serveJira, adf, type ServedJira } from './served-jira.test-data.ts'

function search({ api }: ServedJira, jql: string, more = ''): string {
  return `${api}/search${api.endsWith('3') ? '/jql' : ''}?jql=${encodeURIComponent(jql)}${more}`
}

// oxlint-disable-next-line typescript/no-explicit-any -- lists in answers; the test fails where a member is missing
type Item = any

describe('a simulated Jira Data Center', () => {
  let jira: ServedJira
  beforeAll(async () => {
    jira = await serveJira('dc')
  })
  afterAll(() => jira[Symbol.asyncDispose]())

  describe('who is asking', () => {
    it('tells a person of himself, with addresses that keep the context path', async () => {
      const { status, json } = await jira.call('/rest/api/2/myself')
      expect(status).toBe(200)
      expect(json).toMatchObject({
        self: `${jira.url}/rest/api/2/user?username=noa.levi`,
        key: 'JIRAUSER10100',
        name: 'noa.levi',
        displayName: 'נועה לוי',
        emailAddress: 'noa.levi@studio.example',
        active: true,
        deleted: false,
      })
    })

    it.each([
      ['omer.katz', { active: false, deleted: false }],
      ['lior.amit', { active: false, deleted: true }],
    ])(
      'says that %s may not work here any more, and lets him do nothing else',
      async (as, state) => {
        const myself = await jira.call('/rest/api/2/myself', { as })
        const projects = await jira.call('/rest/api/2/project', { as })
        expect(myself.json).toMatchObject(state)
        expect(projects.status).toBe(401)
        expect(projects.headers.get('x-seraph-loginreason')).toBe('AUTHENTICATION_DENIED')
      },
    )

    it.each([
      ['a wrong token', { authorization: 'Bearer nonsense' }],
      [
        'a right token as a password',
        {
          authorization: `Basic ${Buffer.from(`noa.levi:${personNamed('noa.levi').personalAccessToken}`).toString('base64')}`,
        },
      ],
      [
        'a right token under Basic',
        { authorization: `Basic ${personNamed('noa.levi').personalAccessToken}` },
      ],
      ['an API token of Cloud', { authorization: `Bearer ${personNamed('noa.levi').apiToken}` }],
    ])('refuses %s with an HTML page and the Seraph header', async (_what, headers) => {
      const {
        status,
        headers: got,
        text,
      } = await jira.call('/rest/api/2/myself', { as: null, headers })
      expect(status).toBe(401)
      expect(got.get('content-type')).toContain('text/html')
      expect(got.get('x-seraph-loginreason')).toBe('AUTHENTICATED_FAILED')
      expect(text).toContain('<h1>')
    })

    it('refuses nobody with JSON, except what Jira tells of itself', async () => {
      const nobody = await jira.call('/rest/api/2/myself', { as: null })
      const server = await jira.call('/rest/api/2/serverInfo', { as: null })
      expect([nobody.status, nobody.json.errorMessages.length]).toEqual([401, 1])
      expect(server.json).toMatchObject({
        baseUrl: jira.url,
        deploymentType: 'Server',
        versionNumbers: [10, 3, 24],
      })
    })

    it('gives avatars to those who have logged in', async () => {
      const { json } = await jira.call('/rest/api/2/myself')
      const path = json.avatarUrls['48x48'].slice(jira.url.length)
      const picture = await jira.call(path)
      const drawing = await jira.call(path.replace('JIRAUSER10100', 'JIRAUSER10102'))
      expect((await jira.call(path, { as: null })).status).toBe(401)
      expect(picture.headers.get('content-type')).toBe('image/png')
      expect(picture.text.slice(1, 4)).toBe('PNG')
      expect(drawing.headers.get('content-type')).toBe('image/svg+xml')
      expect(drawing.text).toContain('<svg')
    })

    it('changes what an account may do while it runs', async () => {
      await using own = await serveJira('dc')
      own.simulator.setPersonStatus('daniel.cohen', 'inactive')
      const { json } = await own.call('/rest/api/2/myself', { as: 'daniel.cohen' })
      expect(json.active).toBe(false)
    })
  })

  describe('what can be created', () => {
    it('lists projects, also one with a Hebrew name', async () => {
      const { json } = await jira.call('/rest/api/2/project')
      expect(json.map(({ key, name }: Item) => [key, name])).toEqual([
        ['PAY', 'Payments'],
        ['STU', 'סטודיו'],
        ['OPS', 'Operations'],
        ['DOC', 'Documentation'],
      ])
    })

    it('pages issue types and fields in `values`', async () => {
      const types = await jira.call('/rest/api/2/issue/createmeta/PAY/issuetypes?maxResults=2')
      const rest = await jira.call('/rest/api/2/issue/createmeta/PAY/issuetypes?startAt=2')
      expect(types.json).toMatchObject({ startAt: 0, maxResults: 2, total: 5, isLast: false })
      expect([...types.json.values, ...rest.json.values].map(({ name }: Item) => name)).toEqual([
        'Epic',
        'Story',
        'Task',
        'Sub-task',
        'Bug',
      ])
      expect(rest.json.isLast).toBe(true)
    })

    it.each([
      ['PAY/issuetypes/10001', ['labels', 'customfield_10016', 'customfield_10014'], []],
      ['STU/issuetypes/10001', ['customfield_10016'], ['labels']],
      ['DOC/issuetypes/10001', ['labels'], ['customfield_10016']],
      ['PAY/issuetypes/10003', ['parent'], ['customfield_10016']],
    ])('shows on the create screen of %s: %s, not: %s', async (screen, there, absent) => {
      const { json } = await jira.call(`/rest/api/2/issue/createmeta/${screen}`)
      const ids = json.values.map(({ fieldId }: Item) => fieldId)
      expect(ids).toEqual(expect.arrayContaining(there))
      for (const id of absent) expect(ids).not.toContain(id)
    })

    it('tells which custom field is required, and what it may hold', async () => {
      const { json } = await jira.call('/rest/api/2/issue/createmeta/OPS/issuetypes/10001')
      const field = json.values.find(({ fieldId }: Item) => fieldId === 'customfield_10200')
      expect(field).toMatchObject({ name: 'Assigned Team', required: true, hasDefaultValue: false })
      expect(field.allowedValues.map(({ value }: Item) => value)).toContain('שירות לקוחות')
    })

    it('no longer has the legacy call, like Data Center 9', async () => {
      expect((await jira.call('/rest/api/2/issue/createmeta?projectKeys=PAY')).status).toBe(404)
    })

    it('knows story points by their kind, not by their name', async () => {
      await using hebrew = await serveJira('dc', { fieldNames: 'he' })
      const { json } = await hebrew.call('/rest/api/2/field')
      expect(json.find(({ id }: Item) => id === 'customfield_10016')).toMatchObject({
        name: 'נקודות סיפור',
        schema: { custom: 'com.atlassian.jira.plugin.system.customfieldtypes:float' },
      })
    })
  })

  describe('creating', () => {
    it('keeps what it was sent, and numbers the issues of each project', async () => {
      await using own = await serveJira('dc', { clock: () => Date.UTC(2026, 10, 21, 10) })
      const first = await own.create(
        {
          summary: 'שמירת כרטיס בקופה',
          description: 'h2. קריטריוני קבלה\n* אחד',
          labels: ['so-abcdefghij', 'web'],
          customfield_10016: 2,
          priority: { name: 'High' },
          assignee: { name: 'maya.green' },
        },
        { properties: [{ key: 'studioops', value: { marker: 'so-abcdefghij' } }] },
      )
      const second = await own.create({ project: { key: 'DOC' }, summary: 'b' })
      const third = await own.create({
        project: { id: '10100' },
        issuetype: { id: '10002' },
        summary: 'c',
      })
      expect(first.status).toBe(201)
      expect(first.json).toEqual({
        id: expect.any(String),
        key: 'PAY-1',
        self: `${own.url}/rest/api/2/issue/${first.json.id}`,
      })
      expect([second.json.key, third.json.key]).toEqual(['DOC-1', 'PAY-2'])

      const issue = await own.call('/rest/api/2/issue/PAY-1?properties=*all')
      expect(issue.json.fields).toMatchObject({
        summary: 'שמירת כרטיס בקופה',
        description: 'h2. קריטריוני קבלה\n* אחד',
        labels: ['so-abcdefghij', 'web'],
        customfield_10016: 2,
        priority: { name: 'High' },
        assignee: { name: 'maya.green' },
        reporter: { name: 'noa.levi' },
        status: { name: 'To Do' },
        created: '2026-11-21T10:00:00.000+0000',
      })
      expect(issue.json.properties).toEqual({ studioops: { marker: 'so-abcdefghij' } })
    })

    it.each([
      [
        'no summary',
        { summary: undefined },
        { summary: 'You must specify a summary of the issue.' },
      ],
      [
        'an empty summary',
        { summary: '  ' },
        { summary: 'You must specify a summary of the issue.' },
      ],
      [
        'a summary of 256 characters',
        { summary: 'x'.repeat(256) },
        { summary: 'Summary must be less than 255 characters.' },
      ],
      [
        'a summary of two lines',
        { summary: 'a\nb' },
        { summary: expect.stringContaining('newline') },
      ],
      ['an unknown project', { project: { key: 'NOPE' } }, { project: 'project is required' }],
      [
        'an issue type that the project lacks',
        { project: { key: 'DOC' }, issuetype: { name: 'Bug' } },
        { issuetype: 'issue type is required' },
      ],
      [
        'a field that is not on the screen',
        { project: { key: 'STU' }, labels: ['a'] },
        {
          labels: "Field 'labels' cannot be set. It is not on the appropriate screen, or unknown.",
        },
      ],
      [
        'a field that does not exist',
        { nonsense: 1 },
        { nonsense: expect.stringContaining('cannot be set') },
      ],
      [
        'a required field that is missing',
        { project: { key: 'OPS' } },
        { customfield_10200: 'Assigned Team is required.' },
      ],
      [
        'an option that does not exist',
        { project: { key: 'OPS' }, customfield_10200: { value: 'Nobody' } },
        { customfield_10200: "Option value 'Nobody' is not valid" },
      ],
      [
        'points in words',
        { customfield_10016: '3' },
        { customfield_10016: 'Operation value must be a number' },
      ],
      [
        'a label with a space',
        { labels: ['a b'] },
        { labels: expect.stringContaining('contains spaces') },
      ],
      ['labels in a text', { labels: 'a' }, { labels: expect.stringContaining('array') }],
      [
        'a document as description',
        { description: adf('a') },
        { description: 'Operation value must be a string' },
      ],
      [
        'a sub-task without a parent',
        { issuetype: { name: 'Sub-task' } },
        { parent: expect.stringContaining('parent issue key') },
      ],
      [
        'a parent that does not exist',
        { issuetype: { name: 'Sub-task' }, parent: { key: 'PAY-999' } },
        { parent: 'Could not find issue by id or key.' },
      ],
      [
        'an epic without its name',
        { issuetype: { name: 'Epic' } },
        { customfield_10011: 'Epic Name is required.' },
      ],
      [
        'an assignee who is gone',
        { assignee: { name: 'lior.amit' } },
        { assignee: "User 'lior.amit' does not exist." },
      ],
      [
        'a priority that does not exist',
        { priority: { name: 'Now' } },
        { priority: 'The priority selected is invalid.' },
      ],
    ])('refuses %s', async (_what, fields, errors) => {
      const before = jira.simulator.counters()
      const { status, json } = await jira.create({ summary: 'x', ...fields })
      expect(status).toBe(400)
      expect(json).toEqual({ errorMessages: [], errors })
      expect(jira.simulator.counters()['creates']).toEqual(before['creates'])
    })

    it('takes 255 characters, an option, an epic link and a sub-task', async () => {
      const long = await jira.create({ summary: 'x'.repeat(255) })
      const team = await jira.create({
        project: { key: 'OPS' },
        summary: 'a',
        customfield_10200: { value: 'Platform' },
      })
      const epic = await jira.create({
        issuetype: { name: 'Epic' },
        summary: 'e',
        customfield_10011: 'Cards',
      })
      const story = await jira.create({ summary: 's', customfield_10014: epic.json.key })
      const child = await jira.create({
        issuetype: { name: 'Sub-task' },
        summary: 'c',
        parent: { key: story.json.key },
      })
      expect([long, team, epic, story, child].map(({ status }) => status)).toEqual(
        Array(5).fill(201),
      )
      const { json } = await jira.call(`/rest/api/2/issue/${child.json.key}`)
      expect(json.fields.parent.key).toBe(story.json.key)
    })

    it.each([
      ['no body', undefined, 400],
      ['broken JSON', '{"fields":', 400],
      ['a body without fields', { fields: undefined }, 400],
      ['fields in a list', { fields: [] }, 400],
    ])('refuses %s', async (_what, body, status) => {
      const reply = await jira.call('/rest/api/2/issue', { method: 'POST', body: body ?? '' })
      expect(reply.status).toBe(status)
      expect(reply.json.errorMessages).toHaveLength(1)
    })

    it('refuses a form', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      expect((await jira.call('/rest/api/2/issue', { body: 'a=b', headers })).status).toBe(415)
    })

    it('counts what it has really created, by label and by marker in the description', async () => {
      await using own = await serveJira('dc')
      await own.create({ summary: 'a', labels: ['so-aaaaaaaaaa'] })
      await own.create({ summary: 'a', labels: ['so-aaaaaaaaaa'], nonsense: 1 })
      await own.create({
        project: { key: 'STU' },
        summary: 'b',
        description: 'text\n\nso-bbbbbbbbbb so-bbbbbbbbbb',
      })
      await own.create({ project: { key: 'STU' }, summary: 'b', description: 'so-bbbbbbbbbb' })
      expect(own.simulator.counters()).toEqual({
        requests: { 'POST /issue': 4 },
        creates: {
          total: 3,
          byLabel: { 'so-aaaaaaaaaa': 1 },
          byDescriptionMarker: { 'so-bbbbbbbbbb': 2 },
        },
      })
    })
  })

  describe('reading', () => {
    it('gives the fields that are asked for, by key of any case and by id', async () => {
      const { json } = await jira.create({ summary: 'read me' })
      const byKey = await jira.call(
        `/rest/api/2/issue/${json.key.toLowerCase()}?fields=summary,labels`,
      )
      const byId = await jira.call(`/rest/api/2/issue/${json.id}?fields=*all,-comment&expand=names`)
      expect(byKey.json.fields).toEqual({ summary: 'read me', labels: [] })
      expect(byId.json.fields).not.toHaveProperty('comment')
      expect(byId.json.fields.summary).toBe('read me')
      expect(byId.json.names.customfield_10016).toBe('Story Points')
    })

    it('does not know an issue that was never created', async () => {
      const { status, json } = await jira.call('/rest/api/2/issue/PAY-4711')
      expect([status, json.errorMessages]).toEqual([404, ['Issue Does Not Exist']])
    })

    it('keeps properties', async () => {
      const { json } = await jira.create({ summary: 'p' })
      const path = `/rest/api/2/issue/${json.key}/properties`
      const put = (body: unknown) => jira.call(`${path}/so.op`, { method: 'PUT', body })
      expect([(await put({ a: 1 })).status, (await put({ a: 2 })).status]).toEqual([201, 200])
      expect((await jira.call(`${path}/so.op`)).json).toEqual({ key: 'so.op', value: { a: 2 } })
      expect((await jira.call(path)).json.keys.map(({ key }: Item) => key)).toEqual(['so.op'])
      expect((await jira.call(`${path}/so.op`, { method: 'DELETE' })).status).toBe(204)
      expect((await jira.call(`${path}/so.op`)).status).toBe(404)
    })

    it('keeps comments', async () => {
      const { json } = await jira.create({ summary: 'c' })
      const path = `/rest/api/2/issue/${json.key}/comment`
      const added = await jira.call(path, { body: { body: 'נראה *טוב*' }, as: 'maya.green' })
      expect(added.status).toBe(201)
      expect(added.json).toMatchObject({ body: 'נראה *טוב*', author: { name: 'maya.green' } })
      expect((await jira.call(path, { body: { body: ' ' } })).status).toBe(400)
      expect((await jira.call(path)).json).toMatchObject({
        total: 1,
        comments: [{ id: added.json.id }],
      })
    })

    it('links issues, and says "created" for a link that is there already', async () => {
      const [one, two] = [await jira.create({ summary: '1' }), await jira.create({ summary: '2' })]
      const link = {
        type: { name: 'Relates' },
        inwardIssue: { key: one.json.key },
        outwardIssue: { key: two.json.key },
      }
      const replies = [
        await jira.call('/rest/api/2/issueLink', { body: link }),
        await jira.call('/rest/api/2/issueLink', { body: link }),
      ]
      expect(replies.map(({ status, text }) => [status, text])).toEqual([
        [201, ''],
        [201, ''],
      ])
      const { json } = await jira.call(`/rest/api/2/issue/${one.json.key}?fields=issuelinks`)
      expect(json.fields.issuelinks).toHaveLength(1)
      expect(json.fields.issuelinks[0].outwardIssue.key).toBe(two.json.key)
      const wrong = { ...link, type: { name: 'Loves' } }
      expect((await jira.call('/rest/api/2/issueLink', { body: wrong })).status).toBe(404)
    })

    it('knows on the board which field estimates, and sets it outside of any screen', async () => {
      const boards = await jira.call('/rest/agile/1.0/board?projectKeyOrId=PAY')
      const [board] = boards.json.values
      const configuration = await jira.call(`/rest/agile/1.0/board/${board.id}/configuration`)
      expect(configuration.json.estimation).toEqual({
        type: 'field',
        field: { fieldId: 'customfield_10016', displayName: 'Story Points' },
      })
      const { json } = await jira.create({ issuetype: { name: 'Task' }, summary: 'no points' })
      const path = `/rest/agile/1.0/issue/${json.key}/estimation?boardId=${board.id}`
      expect((await jira.call(path, { method: 'PUT', body: { value: 3 } })).status).toBe(200)
      expect((await jira.call(path)).json).toEqual({ fieldId: 'customfield_10016', value: 3 })
    })
  })

  describe('searching', () => {
    let filled: ServedJira
    beforeAll(async () => {
      let now = Date.UTC(2026, 10, 21, 10)
      filled = await serveJira('dc', { clock: () => (now += 60_000) })
      await filled.create({
        summary: 'Save a card',
        labels: ['so-aaaaaaaaaa'],
        customfield_10016: 1,
      })
      await filled.create({
        summary: 'Delete the saved card',
        description: 'Asks first.',
        customfield_10016: 3,
      })
      await filled.create({
        project: { key: 'STU' },
        summary: 'גלריה ללקוחות',
        description: 'so-bbbbbbbbbb',
      })
      await filled.create({
        project: { key: 'DOC' },
        issuetype: { name: 'Task' },
        summary: 'Manual',
        assignee: { name: 'maya.green' },
      })
    })
    afterAll(() => filled[Symbol.asyncDispose]())

    it.each([
      ['project = PAY', ['PAY-2', 'PAY-1']],
      ['project = "סטודיו"', ['STU-1']],
      ['project in (PAY, DOC) order by key asc', ['DOC-1', 'PAY-1', 'PAY-2']],
      ['project != PAY order by created asc', ['STU-1', 'DOC-1']],
      ['key = PAY-1', ['PAY-1']],
      ['issuekey in (PAY-1, STU-1) order by created asc', ['PAY-1', 'STU-1']],
      ['labels = "so-aaaaaaaaaa"', ['PAY-1']],
      ['labels = so-cccccccccc', []],
      ['labels is empty and project = PAY', ['PAY-2']],
      ['summary ~ card', ['PAY-2', 'PAY-1']],
      ['summary ~ "save card"', ['PAY-1']],
      ['summary ~ "sav* card"', ['PAY-2', 'PAY-1']],
      ['summary ~ "\\"saved card\\""', ['PAY-2']],
      ['summary ~ "\\"card saved\\""', []],
      ['summary !~ card order by key', ['DOC-1', 'STU-1']],
      ['text ~ "asks"', ['PAY-2']],
      ['text ~ "גלריה"', ['STU-1']],
      ['description ~ "so-bbbbbbbbbb"', ['STU-1']],
      ['issuetype = Task', ['DOC-1']],
      ['assignee = maya.green', ['DOC-1']],
      ['assignee = currentUser()', []],
      ['reporter = currentUser() and project = DOC', ['DOC-1']],
      ['"Story Points" > 1', ['PAY-2']],
      ['cf[10016] <= 1', ['PAY-1']],
      ['created >= "2026-11-21 10:03" order by created asc', ['STU-1', 'DOC-1']],
      ['created < -1h', []],
      ['(project = PAY or project = DOC) and not summary ~ card', ['DOC-1']],
      ['order by created desc', ['DOC-1', 'STU-1', 'PAY-2', 'PAY-1']],
      ['', ['DOC-1', 'STU-1', 'PAY-2', 'PAY-1']],
    ])('%s', async (jql, keys) => {
      const { status, json } = await filled.call(search(filled, jql))
      expect([status, json.issues?.map(({ key }: Item) => key)]).toEqual([200, keys])
    })

    it.each([
      ['colour = red', /Field 'colour' does not exist/],
      ['project = NOPE', /value 'NOPE' does not exist for the field 'project'/],
      ['key = PAY-99', /issue with key 'PAY-99' does not exist/],
      ['summary = card', /operator '=' is not supported/],
      ['labels ~ card', /operator '~' is not supported/],
      ['created > soon', /Date value 'soon' is invalid/],
      ['order by colour', /Field 'colour' does not exist/],
      ['project =', /Error in the JQL Query/],
    ])('refuses %s', async (jql, reason) => {
      const { status, json } = await filled.call(search(filled, jql))
      expect([status, json.errors]).toEqual([400, {}])
      expect(json.errorMessages[0]).toMatch(reason)
    })

    it('answers a wrong value with a warning where that is asked for', async () => {
      const { status, json } = await filled.call(
        search(filled, 'project = NOPE', '&validateQuery=false'),
      )
      expect([status, json.total, json.warningMessages.length]).toEqual([200, 0, 1])
    })

    it('pages with startAt and total, by GET and by POST', async () => {
      const got = await filled.call(
        search(
          filled,
          'order by created asc',
          '&startAt=1&maxResults=2&fields=summary&validateQuery=True',
        ),
      )
      const posted = await filled.call('/rest/api/2/search', {
        body: { jql: 'order by created asc', startAt: 1, maxResults: 2, fields: ['summary'] },
      })
      expect(got.json).toMatchObject({ startAt: 1, maxResults: 2, total: 4 })
      expect(got.json.issues.map(({ key }: Item) => key)).toEqual(['PAY-2', 'STU-1'])
      expect(got.json.issues[0].fields).toEqual({ summary: 'Delete the saved card' })
      expect(posted.json).toEqual(got.json)
    })
  })

  describe('the pages for people', () => {
    it('show an issue without a login, a script or a style of its own', async () => {
      const { json } = await jira.create({
        summary: '<b>שמירה</b> & "כרטיס"',
        description: 'h2. קריטריוני קבלה\n* *חשוב*: <script>alert(1)</script>',
        labels: ['so-pppppppppp'],
      })
      const { status, headers, text } = await jira.call(`/browse/${json.key}`, { as: null })
      expect(status).toBe(200)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(text).toContain('Simulated Jira')
      expect(text).toContain('<h1 dir="auto">&lt;b&gt;שמירה&lt;/b&gt; &amp; &quot;כרטיס&quot;</h1>')
      expect(text).toContain('<h3 dir="auto">קריטריוני קבלה</h3>')
      expect(text).toContain('<strong>חשוב</strong>: &lt;script&gt;')
      expect(text).toContain('so-pppppppppp')
      expect(text).toContain('href="/jira/simulator.css"')
      expect(text).not.toMatch(/<script|style=|<style/)
      expect(
        (await jira.call('/simulator.css', { as: null })).headers.get('content-type'),
      ).toContain('text/css')
    })

    it('list the newest issues first', async () => {
      await using own = await serveJira('dc')
      expect((await own.call('', { as: null })).text).toContain('No issues yet')
      await own.create({ summary: 'first' })
      await own.create({ summary: 'second' })
      const { text } = await own.call('/', { as: null })
      expect(text.indexOf('second')).toBeLessThan(text.indexOf('first'))
      expect(text).toContain('href="/jira/browse/PAY-1"')
    })

    it('say so where there is no such issue', async () => {
      const { status, text } = await jira.call('/browse/PAY-%3Cb%3E', { as: null })
      expect(status).toBe(404)
      expect(text).toContain('PAY-&lt;b&gt;')
    })
  })

  describe('what it remembers', () => {
    it('survives a restart', async () => {
      await using before = await serveJira('dc')
      const { json } = await before.create({ summary: 'נשמר', labels: ['so-rrrrrrrrrr'] })
      await before.call(`/rest/api/2/issue/${json.key}/comment`, { body: { body: 'kept' } })
      const text = JSON.stringify(before.simulator.snapshot())

      await using after = await serveJira('dc')
      after.simulator.restore(JSON.parse(text))
      const kept = await after.call(`/rest/api/2/issue/${json.key}`)
      const next = await after.create({ summary: 'next' })
      expect(kept.json.fields).toMatchObject({ summary: 'נשמר', comment: { total: 1 } })
      expect(next.json.key).toBe('PAY-2')
      expect(Number(next.json.id)).toBeGreaterThan(Number(json.id))
      expect(after.simulator.counters()['creates']).toMatchObject({
        total: 2,
        byLabel: { 'so-rrrrrrrrrr': 1 },
      })
    })

    it('does not change with the simulator that it was taken from', async () => {
      await using own = await serveJira('dc')
      const empty = own.simulator.snapshot()
      await own.create({ summary: 'a' })
      own.simulator.restore(empty)
      expect((await own.call('/rest/api/2/search')).json.total).toBe(0)
    })

    it('refuses what it has not written', () => {
      expect(() => jira.simulator.restore({ kind: 'model' })).toThrow(/not a snapshot/)
    })

    it('tells of a change before the answer leaves, and only of changes', async () => {
      await using own = await serveJira('dc')
      let changes = 0
      const stop = own.simulator.onChange(() => (changes += 1))
      await own.create({ summary: 'a' })
      await own.create({ summary: '' })
      await own.call('/rest/api/2/issue/PAY-1')
      expect(changes).toBe(1)
      stop()
      await own.create({ summary: 'b' })
      expect(changes).toBe(1)
    })
  })
})

describe('a simulated Jira Cloud', () => {
  let jira: ServedJira
  let now = Date.UTC(2026, 10, 21, 10)
  beforeAll(async () => {
    jira = await serveJira('cloud', { clock: () => now })
  })
  afterAll(() => jira[Symbol.asyncDispose]())

  it('knows people by account id, and leaves out what Cloud does not know', async () => {
    const { json } = await jira.call('/rest/api/3/myself')
    expect(json).toMatchObject({
      self: `${jira.url}/rest/api/3/user?accountId=${encodeURIComponent(personNamed('noa.levi').accountId)}`,
      accountId: personNamed('noa.levi').accountId,
      accountType: 'atlassian',
      active: true,
    })
    for (const member of ['key', 'name', 'deleted']) expect(json).not.toHaveProperty(member)
  })

  it('hides an e-mail address where the person wants it', async () => {
    const { json } = await jira.call('/rest/api/3/myself', { as: 'maya.green' })
    expect(json).not.toHaveProperty('emailAddress')
  })

  it.each([
    ['a token as Bearer', { authorization: `Bearer ${personNamed('noa.levi').apiToken}` }],
    [
      'a token of Data Center',
      { authorization: `Bearer ${personNamed('noa.levi').personalAccessToken}` },
    ],
    [
      'a token of somebody else',
      {
        authorization: `Basic ${Buffer.from(`noa.levi@studio.example:${personNamed('daniel.cohen').apiToken}`).toString('base64')}`,
      },
    ],
    [
      'a deleted account',
      {
        authorization: `Basic ${Buffer.from(`lior.amit@studio.example:${personNamed('lior.amit').apiToken}`).toString('base64')}`,
      },
    ],
  ])('refuses %s', async (_what, headers) => {
    expect((await jira.call('/rest/api/3/myself', { as: null, headers })).status).toBe(401)
  })

  it('says on both paths that it is Cloud', async () => {
    for (const version of ['2', '3']) {
      const { json } = await jira.call(`/rest/api/${version}/serverInfo`, { as: null })
      expect(json.deploymentType).toBe('Cloud')
    }
  })

  it('finds projects page by page', async () => {
    const first = await jira.call('/rest/api/3/project/search?maxResults=3')
    const last = await jira.call('/rest/api/3/project/search?startAt=3')
    const found = await jira.call(`/rest/api/3/project/search?query=${encodeURIComponent('סטוד')}`)
    expect([first.json.isLast, first.json.values.length, last.json.isLast]).toEqual([
      false,
      3,
      true,
    ])
    expect(found.json.values.map(({ key }: Item) => key)).toEqual(['STU'])
  })

  it('pages issue types in `issueTypes` and fields in `fields`, each with its key', async () => {
    const types = await jira.call('/rest/api/3/issue/createmeta/PAY/issuetypes')
    const fields = await jira.call('/rest/api/3/issue/createmeta/PAY/issuetypes/10001')
    expect(types.json.issueTypes).toHaveLength(5)
    expect(types.json).not.toHaveProperty('values')
    const points = fields.json.fields.find(({ key }: Item) => key === 'customfield_10016')
    expect(points).toMatchObject({
      fieldId: 'customfield_10016',
      name: 'Story point estimate',
      schema: { custom: 'com.pyxis.greenhopper.jira:jsw-story-points' },
    })
  })

  it('takes documents and refuses wiki markup', async () => {
    const good = await jira.create({ summary: 'a', description: adf('שלום') })
    const wiki = await jira.create({ summary: 'a', description: 'h2. no' })
    const broken = await jira.create({
      summary: 'a',
      description: { type: 'doc', version: 1, content: [{ type: 'text', text: 'a' }] },
    })
    expect(good.status).toBe(201)
    expect(wiki.json.errors.description).toContain('Atlassian Document')
    expect([broken.status, broken.json.errorMessages[0]]).toEqual([400, 'INVALID_INPUT'])
    const { json } = await jira.call(`/rest/api/3/issue/${good.json.key}`)
    expect(json.fields.description).toEqual(adf('שלום'))
    expect((await jira.call(`/browse/${good.json.key}`, { as: null })).text).toContain(
      '<p dir="auto">שלום</p>',
    )
  })

  it('takes a document as a comment, and a parent on every type', async () => {
    const parent = await jira.create({ issuetype: { name: 'Epic' }, summary: 'epic' })
    const child = await jira.create({
      summary: 'child',
      parent: { key: parent.json.key },
      assignee: { id: personNamed('maya.green').accountId },
    })
    const path = `/rest/api/3/issue/${child.json.key}/comment`
    expect((await jira.call(path, { body: { body: adf('yes') } })).status).toBe(201)
    expect((await jira.call(path, { body: { body: 'no' } })).status).toBe(400)
    const { json } = await jira.call(`/rest/api/3/issue/${child.json.key}`)
    expect(json.fields.parent.key).toBe(parent.json.key)
    expect(json.fields.assignee.accountId).toBe(personNamed('maya.green').accountId)
  })

  it('learns of a new issue late, but gives it at once by key and by reconciliation', async () => {
    const { json } = await jira.create({ summary: 'late', labels: ['so-dddddddddd'] })
    const jql = 'labels = "so-dddddddddd"'
    const at = async (more = '') => (await jira.call(search(jira, jql, more))).json.issues.length
    expect((await jira.call(`/rest/api/3/issue/${json.key}`)).status).toBe(200)
    expect([await at(), await at(`&reconcileIssues=${json.id}`)]).toEqual([0, 1])
    now += 2000
    expect(await at()).toBe(1)
    jira.simulator.setSearchDelay(60_000)
    expect(await at()).toBe(0)
    jira.simulator.setSearchDelay(0)
  })

  it('gives ids alone unless fields are named', async () => {
    const bare = await jira.call(search(jira, 'summary ~ late'))
    const named = await jira.call(search(jira, 'summary ~ late', '&fields=summary'))
    expect(Object.keys(bare.json.issues[0])).toEqual(['id'])
    expect(named.json.issues[0]).toMatchObject({
      key: expect.any(String),
      fields: { summary: 'late' },
    })
  })

  it('pages with a token that fits one query, and without a total', async () => {
    for (const summary of ['page', 'page', 'page']) await jira.create({ summary })
    const first = await jira.call(search(jira, 'summary ~ page', '&maxResults=2'))
    const { nextPageToken } = first.json
    const last = await jira.call(
      search(jira, 'summary ~ page', `&maxResults=2&nextPageToken=${nextPageToken}`),
    )
    const posted = await jira.call('/rest/api/3/search/jql', {
      body: { jql: 'summary ~ page', maxResults: 2, nextPageToken },
    })
    const alien = await jira.call(
      search(jira, 'summary ~ other', `&nextPageToken=${nextPageToken}`),
    )
    expect([first.json.issues.length, first.json.isLast]).toEqual([2, false])
    expect([last.json.issues.length, last.json.isLast]).toEqual([1, true])
    expect(last.json).not.toHaveProperty('nextPageToken')
    expect(first.json).not.toHaveProperty('total')
    expect(posted.json).toEqual(last.json)
    expect(alien.status).toBe(400)
  })

  it('refuses a search without a bound, and one with eight orders', async () => {
    const unbound = await jira.call(search(jira, 'order by key'))
    const orders = await jira.call(
      search(jira, `project = PAY order by ${Array(8).fill('key').join(', ')}`),
    )
    expect([unbound.status, orders.status]).toEqual([400, 400])
    expect(unbound.json.errorMessages[0]).toContain('Unbounded JQL')
  })

  it('has removed the old search', async () => {
    expect((await jira.call('/rest/api/3/search?jql=project%3DPAY')).status).toBe(410)
    const count = await jira.call('/rest/api/3/search/approximate-count', {
      body: { jql: 'summary ~ page' },
    })
    expect(count.json).toEqual({ count: 3 })
  })

  it('has none of the fields that only Data Center has', async () => {
    const { json } = await jira.call('/rest/api/3/field')
    const ids = json.map(({ id }: Item) => id)
    expect(ids).not.toContain('customfield_10014')
    expect(ids).toContain('customfield_10016')
  })
})
