import type { Project } from '@studioops/contracts/projects'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { mayEdit, useProject } from '../../lib/project.queries.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { BudgetsPanel } from './budgets-panel.tsx'
import { LinksPanel } from './links-panel.tsx'
import { MembersPanel } from './members-panel.tsx'
import { DeletePanel } from './delete-project.tsx'
import { faultOf, ProjectFields } from './project-fields.tsx'
import { type ProjectInput, useArchiveProject, useChangeProject } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

/** What an editor and an owner decide about a project. */
export function ProjectSettings({ projectId }: { readonly projectId: string }) {
  const { data } = useProject(projectId)
  if (data === undefined) return undefined
  return (
    <div className="flex flex-col gap-6">
      <Details project={data} />
      <MembersPanel project={data} />
      <LinksPanel project={data} />
      <BudgetsPanel key={JSON.stringify(data.budgets)} project={data} />
      <ArchivePanel project={data} />
      <DeletePanel project={data} />
    </div>
  )
}

function Details({ project }: { readonly project: Project }) {
  const t = useTexts(projectsTexts)
  const toast = useToast()
  const change = useChangeProject(project.id)
  const { name, description, status, color } = project
  const [input, setInput] = useState<ProjectInput>({ name, description, status, color })
  const [isFaultShown, setIsFaultShown] = useState(false)
  const isOpen = mayEdit(project)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setIsFaultShown(true)
    if (faultOf(input) !== undefined) return
    change.mutate(input, { onSuccess: () => toast({ text: t('details.saved'), tone: 'good' }) })
  }
  return (
    <Card as="section" labelledBy="project-details">
      <h2 id="project-details" className="mb-4 text-lg font-semibold">
        {t('details.title')}
      </h2>
      <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
        {project.role === 'viewer' && <p className="text-muted">{t('reason.viewer')}</p>}
        {change.isError && <ProblemNotice error={change.error} />}
        <ProjectFields
          value={input}
          onChange={setInput}
          isFaultShown={isFaultShown}
          isDisabled={!isOpen}
        />
        {isOpen && (
          <div>
            <Button type="submit" look="primary" isPending={change.isPending}>
              {t('details.save')}
            </Button>
          </div>
        )}
      </form>
    </Card>
  )
}

function ArchivePanel({ project }: { readonly project: Project }) {
  const t = useTexts(projectsTexts)
  const toast = useToast()
  const archive = useArchiveProject(project.id)
  const isArchived = project.archivedAt !== undefined
  const set = (next: boolean) =>
    archive.mutate(next, {
      onSuccess: () =>
        toast({
          text: next ? t('archive.done') : t('archive.undone'),
          action: { label: t('undo'), onPress: () => set(!next) },
        }),
    })
  return (
    <Card as="section" labelledBy="project-archive">
      <h2 id="project-archive" className="mb-2 text-lg font-semibold">
        {t('archive.title')}
      </h2>
      <p className="mb-4 text-muted">{t('archive.text')}</p>
      {archive.isError && <ProblemNotice error={archive.error} />}
      {project.role === 'owner' ? (
        <Button isPending={archive.isPending} onPress={() => set(!isArchived)}>
          {isArchived ? t('archive.undo') : t('archive.do')}
        </Button>
      ) : (
        <p className="text-muted">{t('reason.owner')}</p>
      )}
    </Card>
  )
}
