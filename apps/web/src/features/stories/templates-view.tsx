import type { StoryTemplate } from '@studioops/contracts/story-templates'
import { LayoutTemplate, Plus } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { DeleteOwn } from './delete-own.tsx'
import { useDeleteTemplate, useTemplates } from './story-settings.queries.ts'
import { storySettingsTexts } from './story-settings.texts.ts'
import { TemplateDialog } from './template-dialog.tsx'
import { TemplateVersions } from './template-versions.tsx'

type Opened =
  | { readonly kind: 'new' }
  | { readonly kind: 'edit' | 'versions' | 'delete'; readonly template: StoryTemplate }

/** The own templates and those of the own projects. */
export function TemplatesView() {
  const t = useTexts(storySettingsTexts)
  const templates = useTemplates()
  const [opened, setOpened] = useState<Opened>()
  const button = (
    <Button
      look="primary"
      icon={<Plus className="size-4" />}
      onPress={() => setOpened({ kind: 'new' })}
    >
      {t('template.new')}
    </Button>
  )
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-prose text-muted">{t('template.lead')}</p>
      {templates.isError && templates.data === undefined && (
        <ProblemNotice error={templates.error} onRetry={() => void templates.refetch()} />
      )}
      {templates.isPending && (
        <div className="flex flex-col gap-3">
          <LoadingStatus />
          <Skeleton shape="field" count={3} />
        </div>
      )}
      {templates.data?.length === 0 && (
        <EmptyState icon={LayoutTemplate} title={t('template.empty.title')} action={button}>
          {t('template.empty.text')}
        </EmptyState>
      )}
      {templates.data !== undefined && templates.data.length > 0 && (
        <>
          <div>{button}</div>
          <ul
            aria-label={t('template.list')}
            className="divide-y divide-line rounded-card border border-line bg-surface shadow-card"
          >
            {templates.data.map((template) => (
              <TemplateRow key={template.id} template={template} onOpen={setOpened} />
            ))}
          </ul>
        </>
      )}
      <OpenedDialog opened={opened} onOpen={setOpened} />
    </div>
  )
}

function OpenedDialog({
  opened,
  onOpen,
}: {
  readonly opened: Opened | undefined
  readonly onOpen: (opened: Opened | undefined) => void
}) {
  const close = () => onOpen(undefined)
  if (opened === undefined) return undefined
  if (opened.kind === 'new') return <TemplateDialog onClose={close} />
  const { template, kind } = opened
  if (kind === 'edit') return <TemplateDialog template={template} onClose={close} />
  if (kind === 'delete') return <DeleteTemplate template={template} onClose={close} />
  return (
    <TemplateVersions
      template={template}
      onUse={(text) => onOpen({ kind: 'edit', template: { ...template, ...text } })}
      onClose={close}
    />
  )
}

function TemplateRow({
  template,
  onOpen,
}: {
  readonly template: StoryTemplate
  readonly onOpen: (opened: Opened) => void
}) {
  const t = useTexts(storySettingsTexts)
  const formats = useFormats()
  const { name, version, updatedAt, projectId, isOwn } = template
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <p className="text-sm text-muted">
          {t('template.facts', { version, when: formats.dateTime(updatedAt) })}
        </p>
      </div>
      {projectId !== undefined && <Badge tone="accent">{t('template.shared')}</Badge>}
      {!isOwn && <Badge>{t('template.foreign')}</Badge>}
      <span className="flex flex-wrap gap-2">
        {isOwn && (
          <Button
            size="small"
            aria-label={t('template.edit', { name })}
            onPress={() => onOpen({ kind: 'edit', template })}
          >
            {t('template.edit.short')}
          </Button>
        )}
        <Button
          size="small"
          aria-label={t('template.versions', { name })}
          onPress={() => onOpen({ kind: 'versions', template })}
        >
          {t('template.versions.short')}
        </Button>
        {isOwn && (
          <Button
            size="small"
            look="quiet"
            aria-label={t('template.delete', { name })}
            onPress={() => onOpen({ kind: 'delete', template })}
          >
            {t('template.delete.short')}
          </Button>
        )}
      </span>
    </li>
  )
}

function DeleteTemplate({
  template: { id, name },
  onClose,
}: {
  readonly template: StoryTemplate
  readonly onClose: () => void
}) {
  const deletion = useDeleteTemplate()
  return <DeleteOwn kind="template" own={{ id, name }} deletion={deletion} onClose={onClose} />
}
