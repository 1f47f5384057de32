import type { JiraClient } from '../../jira/jira-client.ts'
import type { JiraCreateField } from '../../jira/jira-metadata.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { toolsOf } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'
import * as shapes from './jira-tool-shapes.ts'

const jiraTool = toolsOf<JiraClient>()
const projectsMax = 1_000
const requiredValuesMax = 500
const otherValuesMax = 50

type Choice = NonNullable<JiraCreateField['allowedValues']>[number]

function presentChoice({ children, ...own }: Choice) {
  return {
    ...nameChoice(own),
    ...(children === undefined ? {} : { children: children.map(nameChoice) }),
  }
}

function nameChoice({ id, name, value, title, key }: Omit<Choice, 'children'>) {
  return withoutAbsent({ id, name: name ?? value ?? title ?? key })
}

export const projectTools = [
  jiraTool({
    name: 'jira_get_user_profile',
    title: 'Own profile',
    description: 'Who the credential belongs to, as Jira says.',
    toolset: 'users',
    effect: 'read',
    scope: 'none',
    ...shapes.getUserProfile,
    async run(client, { user_identifier: wanted }) {
      const profile = await client.myself()
      const own = [profile.employeeId, profile.name, profile.displayName, profile.email ?? '']
      if (wanted === 'me' || own.some((name) => name.toLowerCase() === wanted.toLowerCase()))
        return profile
      throw badArgument('user_identifier', 'only the own profile can be read: use "me"')
    },
  }),
  jiraTool({
    name: 'jira_get_all_projects',
    title: 'All projects',
    description: 'Projects that the person sees, by name.',
    toolset: 'projects',
    effect: 'read',
    scope: 'own',
    ...shapes.getAllProjects,
    async run(client, { include_archived: archived }, { allowed }) {
      const all = await client.projects({ archived })
      const projects = all.filter(({ key }) => allowed?.includes(key) ?? true)
      return { projects: projects.slice(0, projectsMax), total: projects.length }
    },
  }),
  jiraTool({
    name: 'jira_get_project_issue_types',
    title: 'Issue types of a project',
    description: 'Types of issues that can be created in a project.',
    toolset: 'fields',
    effect: 'read',
    scope: ({ project_key: key }) => [key],
    ...shapes.getProjectIssueTypes,
    run: async (client, { project_key: key }) => ({ issueTypes: await client.issueTypes(key) }),
  }),
  jiraTool({
    name: 'jira_get_create_fields',
    title: 'Fields of the create screen',
    description: 'Fields that an issue type takes when it is created; others are refused.',
    toolset: 'fields',
    effect: 'read',
    scope: ({ project_key: key }) => [key],
    ...shapes.getCreateFields,
    async run(client, args) {
      const reading = client.createFields(args.project_key, args.issue_type_id)
      const points = await client.storyPointsOf(args.project_key, reading)
      const fields = await reading
      return {
        fields: fields.map(
          ({ fieldId, name, required, hasDefaultValue, schema, allowedValues }) => ({
            id: fieldId,
            name,
            required,
            hasDefaultValue,
            type: schema.type,
            ...withoutAbsent({
              items: schema.items,
              custom: schema.custom,
              system: schema.system,
              allowedValues: allowedValues
                ?.filter((choice) => choice.disabled !== true && choice.archived !== true)
                .slice(0, required ? requiredValuesMax : otherValuesMax)
                .map(presentChoice),
            }),
          }),
        ),
        ...withoutAbsent({ storyPointsFieldId: points?.fieldId }),
      }
    },
  }),
]
