import { projectColor, projectStatus } from '@studioops/contracts/projects'
import { fitsGraphemes, limits } from '@studioops/contracts/limits'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Select } from '../../ui/select.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { ProjectInput } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

export const emptyProject: ProjectInput = {
  name: '',
  description: '',
  status: 'active',
  color: 'blue',
}

/** Key of the text that says what is wrong with it. */
export function faultOf({ name, description }: ProjectInput) {
  if (name.trim() === '') return 'needs.name'
  const fits =
    fitsGraphemes(name, limits.projectNameGraphemes) &&
    fitsGraphemes(description, limits.projectDescriptionGraphemes)
  return fits ? undefined : 'needs.shorter'
}

/** What a project is called and how it looks, for beginning one and for changing it. */
export function ProjectFields({
  value,
  onChange,
  isFaultShown,
  isDisabled = false,
}: {
  readonly value: ProjectInput
  readonly onChange: (value: ProjectInput) => void
  readonly isFaultShown: boolean
  readonly isDisabled?: boolean
}) {
  const t = useTexts(projectsTexts)
  const fault = isFaultShown ? faultOf(value) : undefined
  return (
    <div className="flex flex-col gap-4">
      <TextField
        label={t('field.name')}
        value={value.name}
        isRequired
        isDisabled={isDisabled}
        maxGraphemes={limits.projectNameGraphemes}
        error={fault && t(fault)}
        onChange={(name) => onChange({ ...value, name })}
      />
      <TextArea
        label={t('field.description')}
        value={value.description}
        isDisabled={isDisabled}
        maxGraphemes={limits.projectDescriptionGraphemes}
        onChange={(description) => onChange({ ...value, description })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          label={t('field.status')}
          value={value.status}
          isDisabled={isDisabled}
          options={projectStatus.options.map((id) => ({ id, label: t(`status.${id}`) }))}
          onChange={(status) => onChange({ ...value, status })}
        />
        <Select
          label={t('field.color')}
          value={value.color}
          isDisabled={isDisabled}
          options={projectColor.options.map((id) => ({ id, label: t(`color.${id}`) }))}
          onChange={(color) => onChange({ ...value, color })}
        />
      </div>
    </div>
  )
}
