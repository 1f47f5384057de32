/**
 * What each route may show and do, whoever asks. `self`: the caller's own things only. `one`: what
 * belongs to another reads exactly as what does not exist. `workspace`: nothing of people.
 * `people`: the admin sees the columns named below of others; everybody else is refused.
 *
 * A route without a row fails the run: whoever adds one says here whom it is for.
 */
export type Expectation =
  `${'public' | 'viewer' | 'member' | 'admin' | 'owner'} ${'self' | 'one' | 'workspace' | 'people'}`

export const expectations: Readonly<Record<string, Expectation>> = {
  'GET /healthz': 'public workspace',
  'GET /readyz': 'public workspace',
  'GET /*': 'public workspace',
  'GET /': 'public workspace',
  'GET /api/openapi.json': 'public workspace',

  'GET /api/installation': 'public workspace',
  'POST /api/installation/demo': 'public workspace',
  'DELETE /api/installation/demo': 'public workspace',
  'GET /api/installation/demo/faults': 'member workspace',
  'PUT /api/installation/demo/faults': 'member workspace',

  'POST /api/registrations': 'public self',
  'POST /api/accounts': 'public self',
  'GET /api/session': 'public self',
  'POST /api/session': 'public self',
  'DELETE /api/session': 'public self',
  'POST /api/session/step-up': 'viewer self',
  'POST /api/session/extend': 'viewer self',
  'PATCH /api/account/preferences': 'viewer self',
  'PUT /api/account/password': 'viewer self',
  'GET /api/account/avatar': 'member self',

  'GET /api/account/sessions': 'viewer self',
  'DELETE /api/account/sessions': 'viewer self',
  'DELETE /api/account/sessions/:sessionId': 'viewer one',
  'GET /api/account/second-factor': 'viewer self',
  'POST /api/account/second-factor': 'viewer self',
  'PUT /api/account/second-factor': 'viewer self',
  'DELETE /api/account/second-factor': 'viewer self',
  'POST /api/account/recovery-codes': 'viewer self',
  'GET /api/account/access-tokens': 'member self',
  'POST /api/account/access-tokens': 'member self',
  'DELETE /api/account/access-tokens/:tokenId': 'member one',
  'POST /api/accounts/local': 'public self',
  'POST /api/password-resets/jira': 'public self',
  'POST /api/password-resets/link': 'public self',
  'POST /api/invitations/lookup': 'public self',
  'POST /api/invitations/accept': 'public self',
  'GET /api/invitations': 'admin people',
  'POST /api/invitations': 'admin people',
  'DELETE /api/invitations/:invitationId': 'admin people',
  'GET /api/people': 'admin people',
  'PATCH /api/people/:personId': 'admin people',
  'DELETE /api/people/:personId/sessions': 'admin people',
  'DELETE /api/people/:personId/second-factor': 'admin people',
  'POST /api/people/:personId/password-reset': 'admin people',
  'GET /api/workspace/entry': 'admin workspace',
  'PUT /api/workspace/entry': 'admin workspace',

  'GET /api/connections': 'member self',
  'GET /api/tools': 'member self',
  'POST /api/tools/servers': 'member self',
  'POST /api/tools/servers/test': 'member self',
  'DELETE /api/tools/servers/:serverId': 'member one',
  'POST /api/tools/servers/:serverId/refresh': 'member one',
  'POST /api/tools/servers/:serverId/acceptances': 'member one',
  'PUT /api/connections/confluence': 'member self',
  'DELETE /api/connections/confluence': 'member self',
  'POST /api/connections/confluence/test': 'member self',
  'PUT /api/connections/trello': 'member self',
  'DELETE /api/connections/trello': 'member self',
  'POST /api/connections/trello/test': 'member self',
  'POST /api/connections/:system/secret': 'member self',
  'POST /api/certificates/readings': 'member self',
  'GET /api/admin/connections': 'admin people',
  'POST /api/admin/connections/check': 'admin people',
  'PUT /api/admin/jira-base-urls': 'admin workspace',
  'PUT /api/admin/object-store': 'admin workspace',
  'DELETE /api/admin/object-store': 'admin workspace',
  'POST /api/admin/object-store/test': 'admin workspace',
  'POST /api/connections/jira/test': 'member self',
  'PUT /api/connections/jira': 'member self',
  'PUT /api/connections/model': 'member self',
  'DELETE /api/connections/model': 'member self',
  'POST /api/connections/model/test': 'member self',
  'GET /api/dashboard': 'member self',

  'GET /api/connections/company-model': 'member self',
  'PUT /api/connections/company-model': 'member self',
  'POST /api/connections/company-model/test': 'member self',
  'DELETE /api/connections/company-model': 'member self',
  'POST /api/connections/company-model/secret': 'member self',

  'GET /api/admin/company-model': 'admin workspace',
  'GET /api/admin/self-checks': 'admin workspace',
  'PUT /api/admin/company-model': 'admin workspace',
  'POST /api/admin/company-model/check': 'admin workspace',
  'GET /api/admin/company-model/versions': 'admin workspace',
  'GET /api/admin/company-model/versions/:number': 'admin workspace',
  'POST /api/admin/company-model/versions/:number/restore': 'admin workspace',
  'GET /api/audit/events': 'admin people',
  'GET /api/audit/people': 'admin people',
  'POST /api/audit/verification': 'admin workspace',
  'POST /api/audit/exports': 'admin workspace',
  'GET /api/audit/export': 'admin people',

  'GET /api/stories': 'member self',
  'POST /api/stories': 'member self',
  'GET /api/stories/:storyId': 'member one',
  'PATCH /api/stories/:storyId': 'member one',
  'DELETE /api/stories/:storyId': 'member one',
  'POST /api/stories/:storyId/write': 'member one',
  'PUT /api/stories/:storyId/content': 'member one',
  'PUT /api/stories/:storyId/jira-fields': 'member one',
  'POST /api/stories/:storyId/approve': 'member one',
  'GET /api/jira/projects': 'member self',
  'GET /api/jira/projects/:projectKey/issue-types': 'member self',

  'POST /api/runs/:runId/stop': 'member one',
  'POST /api/runs/:runId/answer': 'member one',
  'GET /api/runs/:runId/events': 'member one',

  'GET /api/jobs': 'member self',
  'POST /api/jobs/:jobId/cancel': 'member one',
  'POST /api/jobs/:jobId/retry': 'member one',
  'GET /api/admin/jobs': 'admin workspace',
  'GET /api/operations': 'member self',
  'POST /api/operations/:operationId/check': 'member one',
  'POST /api/operations/:operationId/link': 'member one',
  'POST /api/operations/:operationId/create-anyway': 'member one',
  'POST /api/operations/:operationId/continue': 'member one',
  'DELETE /api/operations/:operationId': 'member one',
}

/** Families of routes that are served past the contracts, and say nothing of people. */
export const families: readonly (readonly [RegExp, Expectation])[] = [
  [/^GET \/(assets\/|[\w.-]+$)/, 'public workspace'],
  [/^(GET|OPTIONS) \/api\/docs(\/|$)/, 'public workspace'],
  // Bring a token of a person, or of Jira; a session says nothing to them.
  [/^\w+ \/mcp(\/\w+)?$/, 'public workspace'],
  [/^GET \/\.well-known\//, 'public workspace'],
]

/** What those who run the workspace may see of other people, as `table.column`. */
export const shownToAdmins: readonly RegExp[] = [
  /^users\.(id|employee_id|name|display_name|email|jira_url|jira_login_email|role)$/,
  /^user_sessions\.(jti|user_agent|address)$/,
  /^(connection_checks|credential_checks|connections)\./,
  /^audit_events\./,
]
