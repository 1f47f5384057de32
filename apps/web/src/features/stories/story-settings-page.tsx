import { Link } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Page } from '../../ui/page.tsx'
import { Select } from '../../ui/select.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { PromptsView } from './prompts-view.tsx'
import { RulesView } from './rules-view.tsx'
import type { SettingsView } from './settings-views.ts'
import { storySettingsTexts } from './story-settings.texts.ts'
import { useStoryProjects } from './story-settings.queries.ts'
import { TemplatesView } from './templates-view.tsx'

type Search = { readonly view?: SettingsView; readonly projectId?: string | undefined }

type PageProps = {
  readonly view: SettingsView
  readonly projectId: string | undefined
  readonly onChange: (search: Search) => void
}

/** The rules, templates and prompts that stories are written with. */
export function StorySettingsPage({ view, projectId, onChange }: PageProps) {
  const t = useTexts(storySettingsTexts)
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="wide"
      actions={
        <Link
          to="/stories"
          activeOptions={{ exact: true }}
          className="link inline-flex min-h-10 items-center max-md:min-h-11"
        >
          {t('back')}
        </Link>
      }
    >
      <Tabs
        label={t('views')}
        value={view}
        onChange={(next) => onChange({ view: next, ...(projectId !== undefined && { projectId }) })}
        tabs={[
          {
            id: 'rules',
            title: t('view.rules'),
            content: (
              <div className="flex flex-col gap-8">
                <ProjectChoice
                  projectId={projectId}
                  onChange={(id) => onChange({ view, ...(id !== undefined && { projectId: id }) })}
                />
                <RulesView key={projectId ?? ''} projectId={projectId} />
              </div>
            ),
          },
          { id: 'templates', title: t('view.templates'), content: <TemplatesView /> },
          { id: 'prompts', title: t('view.prompts'), content: <PromptsView /> },
        ]}
      />
    </Page>
  )
}

const none = 'none'

function ProjectChoice({
  projectId,
  onChange,
}: {
  readonly projectId: string | undefined
  readonly onChange: (projectId: string | undefined) => void
}) {
  const t = useTexts(storySettingsTexts)
  const projects = useStoryProjects()
  const known = projects.data ?? []
  if (known.length === 0 && projectId === undefined) return undefined
  return (
    <div className="max-w-md">
      <Select
        label={t('project')}
        description={t('project.hint')}
        value={projectId ?? none}
        onChange={(id) => onChange(id === none ? undefined : id)}
        options={[
          { id: none, label: t('project.none') },
          ...known.map(({ id, name }) => ({ id, label: name })),
        ]}
      />
    </div>
  )
}
