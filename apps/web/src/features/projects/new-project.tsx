import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
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
    <FormDialog
      title={t('new.title')}
      submit={t('new.submit')}
      isPending={create.isPending}
      error={create.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <ProjectFields value={input} onChange={setInput} isFaultShown={isFaultShown} />
    </FormDialog>
  )
}
