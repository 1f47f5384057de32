import { createCloudClient } from 'jira.js'
import { expect, it } from 'vitest'
import { personNamed, serveJira } from './served-jira.test-data.ts'

it('serves jira.js, a client that we did not write and that checks every answer [D-26]', async () => {
  await using served = await serveJira('cloud', { searchDelayMs: 0 })
  const { emailAddress, apiToken, displayName } = personNamed('noa.levi')
  const jira = createCloudClient({
    host: served.url,
    auth: { type: 'basic', email: emailAddress, apiToken },
  })
  expect(await jira.myself.getCurrentUser()).toMatchObject({ displayName })
  const created = await jira.issues.createIssue({
    fields: { project: { key: 'PAY' }, issuetype: { name: 'Story' }, summary: 'שמירת כרטיס' },
  })
  expect(created.key).toBe('PAY-1')
  const issue = await jira.issues.getIssue({ issueIdOrKey: 'PAY-1' })
  expect(issue.fields?.['summary']).toBe('שמירת כרטיס')
  const { transitions } = await jira.issues.getTransitions({ issueIdOrKey: 'PAY-1' })
  expect(transitions?.map(({ name }) => name)).toEqual(['Start', 'Finish'])
  await jira.issues.doTransition({ issueIdOrKey: 'PAY-1', transition: { id: '31' } })
  await expect(jira.issues.getIssue({ issueIdOrKey: 'PAY-99' })).rejects.toMatchObject({
    status: 404,
  })
})
