import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useId, useState } from 'react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { emptyProject, faultOf, ProjectFields } from './project-fields.tsx'
import { useCreateProject } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

/** Asks for a name, begins the project and opens it. */
export function NewProjectButton() {
  const t = useTexts(projectsTexts)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button
        look="primary"
        icon={<Plus aria-hidden className="size-4" />}
        onPress={() => setIsOpen(true)}
      >
        {t('list.new')}
      </Button>
      {isOpen && <NewProjectDialog onClose={() => setIsOpen(false)} />}
    </>
  )
}

function NewProjectDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts(projectsTexts)
  const formId = useId()
  const navigate = useNavigate()
  const create = useCreateProject()
  const { key } = useIdempotencyKey()
  const [input, setInput] = useState(emptyProject)
  const [isFaultShown, setIsFaultShown] = useState(false)
  const submit = () => {
    setIsFaultShown(true)
    if (faultOf(input) !== undefined) return
    create.mutate(
      { input: { ...input, name: input.name.trim() }, idempotencyKey: key },
      {
        onSuccess: ({ project }) =>
          void navigate({ to: '/projects/$projectId', params: { projectId: project.id } }),
      },
    )
  }
  return (
    <Dialog
      isOpen
      title={t('new.title')}
      onClose={onClose}
      actions={
        <>
          <Button look="primary" type="submit" form={formId} isPending={create.isPending}>
            {t('new.submit')}
          </Button>
          <Button onPress={onClose}>{t('cancel')}</Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {create.isError && <ProblemNotice error={create.error} />}
        <ProjectFields value={input} onChange={setInput} isFaultShown={isFaultShown} />
      </form>
    </Dialog>
  )
}
