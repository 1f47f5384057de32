import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { createJiraClient } from './jira-client.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { toJiraText } from './jira-description.ts'
import { JiraError } from './jira-error.ts'
import { credentialOf } from './jira-people.ts'

type Dependencies = {
  readonly outbound: Outbound
  readonly access: (userId: string) => Promise<{
    readonly baseUrl: string
    readonly flavour: JiraFlavour
    readonly loginEmail: string | undefined
    readonly token: Secret
  }>
  readonly before: () => Promise<void>
}

export function createJiraOpener({ outbound, access, before }: Dependencies) {
  return async <T>(
    userId: string,
    work: (jira: ReturnType<typeof open>) => Promise<T>,
  ): Promise<T> => {
    await before()
    const person = await access(userId)
    return work(open(outbound, person))
  }
}

function open(outbound: Outbound, person: Awaited<ReturnType<Dependencies['access']>>) {
  const { baseUrl, flavour } = person
  const client = createJiraClient({ outbound, baseUrl, flavour, credential: credentialOf(person) })
  return {
    baseUrl,
    flavour,
    tools: {
      projects: async () => (await client.projects()).map(({ key, name }) => ({ key, name })),
      issueTypes: async (projectKey: string) =>
        (await client.issueTypes(projectKey)).map(({ id, name, subtask }) => ({
          id,
          name,
          subtask: subtask ?? false,
        })),
      createFields: async (projectKey: string, issueTypeId: string) => {
        const fields = await client.createFields(projectKey, issueTypeId)
        const points = await client.storyPointsField(projectKey, issueTypeId)
        return {
          fields: fields.map(({ fieldId, name }) => ({ id: fieldId, name })),
          storyPointsFieldId: points?.onCreateScreen === true ? points.fieldId : undefined,
        }
      },
      search: async (jql: string, limit: number) => {
        const { issues } = await client.search(jql, { limit, fields: ['summary'] })
        return issues.map(({ key }) => ({ key }))
      },
      getIssue: async (key: string) => {
        try {
          const { fields } = await client.getIssue(key, { fields: ['labels', 'description'] })
          const { labels, description } = fields
          return {
            key,
            labels: (labels ?? []) as string[],
            description: JSON.stringify(description ?? ''),
          }
        } catch (error) {
          if (error instanceof JiraError && error.kind === 'not-found') return undefined
          throw error
        }
      },
      createIssue: async (payload: {
        projectKey: string
        issueType: string
        summary: string
        description: string
        additionalFields: Readonly<Record<string, unknown>>
      }) =>
        client.createIssue({
          project: { key: payload.projectKey },
          issuetype: { name: payload.issueType },
          summary: payload.summary,
          description: toJiraText(payload.description, flavour),
          ...payload.additionalFields,
        }),
    },
  }
}
