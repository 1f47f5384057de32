import {
  type StoryTemplate,
  type TemplateSection,
  templateSlots,
} from '@studioops/contracts/story-templates'
import { limits } from '@studioops/contracts/limits'
import { Eye, Plus, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Code } from '../../ui/code.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import {
  type SavedTemplate,
  usePreviewTemplate,
  useSaveTemplate,
  useStoryProjects,
} from './story-settings.queries.ts'
import { storySettingsTexts } from './story-settings.texts.ts'

const firstBody = '{{narrative}}\n\n## Acceptance Criteria\n\n{{criteria}}\n\n## STLC\n\n{{stlc}}'

type Draft = {
  readonly name: string
  readonly body: string
  readonly sections: readonly TemplateSection[]
  readonly projectId: string | undefined
}

/** A template while it is written, with what it makes of an example. */
export function TemplateDialog({
  template,
  onClose,
}: {
  /** Absent: a new one. */
  readonly template?: StoryTemplate
  readonly onClose: () => void
}) {
  const t = useTexts(storySettingsTexts)
  const toast = useToast()
  const save = useSaveTemplate()
  const [wasTried, setWasTried] = useState(false)
  const [draft, setDraft] = useState(() => draftOf(template))
  const change = (changes: Partial<Draft>) => setDraft((known) => ({ ...known, ...changes }))
  const send = () => {
    setWasTried(true)
    if (!isWhole(draft)) return
    save.mutate(savedOf(draft, template), {
      onSuccess: () => {
        toast({ text: t('template.saved'), tone: 'good' })
        onClose()
      },
    })
  }
  return (
    <FormDialog
      title={template === undefined ? t('template.dialog.new') : t('template.dialog.change')}
      submit={t('template.save')}
      isPending={save.isPending}
      error={save.error}
      onSubmit={send}
      onClose={onClose}
    >
      <TextField
        label={t('template.name')}
        value={draft.name}
        onChange={(name) => change({ name })}
        maxGraphemes={limits.templateNameGraphemes}
        error={wasTried && draft.name.trim() === '' ? t('template.name.missing') : undefined}
      />
      {template === undefined && (
        <ForField projectId={draft.projectId} onChange={(projectId) => change({ projectId })} />
      )}
      <BodyField draft={draft} wasTried={wasTried} onChange={(body) => change({ body })} />
      <SectionFields
        sections={draft.sections}
        wasTried={wasTried}
        onChange={(sections) => change({ sections })}
      />
      <PreviewPart draft={draft} />
    </FormDialog>
  )
}

function draftOf(template: StoryTemplate | undefined): Draft {
  if (template === undefined)
    return { name: '', body: firstBody, sections: [], projectId: undefined }
  const { name, body, sections, projectId } = template
  return { name, body, sections, projectId }
}

function savedOf(
  { name, body, sections, projectId }: Draft,
  template: StoryTemplate | undefined,
): SavedTemplate {
  const text = { name, body, sections: [...sections] }
  if (template !== undefined)
    return { ...text, change: { templateId: template.id, basedOn: template.version } }
  return projectId === undefined ? text : { ...text, projectId }
}

function isWhole({ name, body, sections }: Draft): boolean {
  return (
    name.trim() !== '' && body.trim() !== '' && sections.every(({ title }) => title.trim() !== '')
  )
}

const me = 'me'

function ForField({
  projectId,
  onChange,
}: {
  readonly projectId: string | undefined
  readonly onChange: (projectId: string | undefined) => void
}) {
  const t = useTexts(storySettingsTexts)
  const projects = useStoryProjects().data?.filter(({ role }) => role !== 'viewer') ?? []
  if (projects.length === 0) return undefined
  return (
    <Select
      label={t('template.for')}
      value={projectId ?? me}
      onChange={(id) => onChange(id === me ? undefined : id)}
      options={[
        { id: me, label: t('template.for.me') },
        ...projects.map(({ id, name }) => ({ id, label: name })),
      ]}
    />
  )
}

function BodyField({
  draft: { body, sections },
  wasTried,
  onChange,
}: {
  readonly draft: Draft
  readonly wasTried: boolean
  readonly onChange: (body: string) => void
}) {
  const t = useTexts(storySettingsTexts)
  const field = useRef<HTMLTextAreaElement>(null)
  const slots = [...templateSlots, ...sections.map(({ key }) => `section:${key}`)]
  const insert = (slot: string) => {
    const at = field.current?.selectionStart ?? body.length
    onChange(`${body.slice(0, at)}{{${slot}}}${body.slice(at)}`)
    field.current?.focus()
  }
  return (
    <div className="flex flex-col gap-2">
      <TextArea
        ref={field}
        label={t('template.body')}
        description={t('template.body.hint')}
        value={body}
        onChange={onChange}
        rows={8}
        error={wasTried && body.trim() === '' ? t('template.body.missing') : undefined}
      />
      <div role="group" aria-label={t('template.slots')} className="flex flex-wrap gap-1.5">
        {slots.map((slot) => (
          <Button
            key={slot}
            size="small"
            aria-label={t('template.slot', { slot })}
            onPress={() => insert(slot)}
          >
            <Code>{slot}</Code>
          </Button>
        ))}
      </div>
    </div>
  )
}

/** The key by which a layout names a section; made once, so that a new heading changes no layout. */
function freeKey(sections: readonly TemplateSection[]): string {
  const taken = new Set(sections.map(({ key }) => key))
  let number = sections.length + 1
  while (taken.has(`section-${number}`)) number += 1
  return `section-${number}`
}

function SectionFields({
  sections,
  wasTried,
  onChange,
}: {
  readonly sections: readonly TemplateSection[]
  readonly wasTried: boolean
  readonly onChange: (sections: readonly TemplateSection[]) => void
}) {
  const t = useTexts(storySettingsTexts)
  const changed = (index: number, changes: Partial<TemplateSection>) =>
    onChange(sections.map((each, at) => (at === index ? { ...each, ...changes } : each)))
  return (
    <div className="flex flex-col gap-4">
      {sections.map(({ key, title, hint, isRequired }, index) => (
        <fieldset
          key={key}
          className="flex min-w-0 flex-col gap-3 rounded-field border border-line p-3"
        >
          <legend className="px-1 text-sm font-medium">
            {t('template.section.title', { number: index + 1 })} <Code>{`section:${key}`}</Code>
          </legend>
          <TextField
            label={t('template.section.name')}
            value={title}
            onChange={(next) => changed(index, { title: next })}
            maxGraphemes={limits.sectionTitleGraphemes}
            error={wasTried && title.trim() === '' ? t('template.section.missing') : undefined}
          />
          <TextField
            label={t('template.section.hint')}
            value={hint}
            onChange={(next) => changed(index, { hint: next })}
            maxGraphemes={limits.criterionGraphemes}
          />
          <div className="flex items-center justify-between gap-2">
            <Checkbox
              isSelected={isRequired}
              onChange={(next) => changed(index, { isRequired: next })}
            >
              {t('template.section.required')}
            </Checkbox>
            <IconButton
              size="small-icon"
              label={t('template.section.remove', { number: index + 1 })}
              icon={<Trash2 className="size-4" />}
              onPress={() => onChange(sections.toSpliced(index, 1))}
            />
          </div>
        </fieldset>
      ))}
      <div>
        <Button
          size="small"
          isDisabled={sections.length >= limits.templateSectionsMax}
          icon={<Plus className="size-4" />}
          onPress={() =>
            onChange([
              ...sections,
              { key: freeKey(sections), title: '', hint: '', isRequired: false },
            ])
          }
        >
          {t('template.section.add')}
        </Button>
      </div>
    </div>
  )
}

function PreviewPart({ draft: { body, sections } }: { readonly draft: Draft }) {
  const t = useTexts(storySettingsTexts)
  const language = useLanguage().texts
  const preview = usePreviewTemplate()
  const { data } = preview
  return (
    <div className="flex flex-col gap-3">
      <div>
        <Button
          isDisabled={body.trim() === ''}
          isPending={preview.isPending}
          icon={<Eye className="size-4" />}
          onPress={() =>
            preview.mutate({
              body,
              sections: sections.filter(({ title }) => title.trim() !== ''),
              language,
            })
          }
        >
          {t('template.preview')}
        </Button>
      </div>
      {preview.isError && <ProblemNotice error={preview.error} />}
      {data !== undefined && data.unknown.length > 0 && (
        <Notice role="status" tone="warn">
          <p>{t('template.unknown')}</p>
          <p className="flex flex-wrap gap-1.5">
            {data.unknown.map((name) => (
              <Code key={name}>{name}</Code>
            ))}
          </p>
        </Notice>
      )}
      {data !== undefined && (
        <section
          aria-label={t('template.preview.title')}
          className="rounded-card border border-line bg-sunken p-4"
        >
          <Markdown text={data.description} headingLevel={3} codeLabel={t('template.code')} />
        </section>
      )}
    </div>
  )
}
