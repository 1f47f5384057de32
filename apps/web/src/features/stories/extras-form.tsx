import type { JiraExtras, Story } from '@studioops/contracts/stories'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Code } from '../../ui/code.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useJiraChoices, useSaveExtras } from './extras.queries.ts'
import { extrasTexts } from './extras.texts.ts'

type Choices = ReturnType<typeof useJiraChoices>

type PartProps = {
  readonly extras: JiraExtras
  readonly choices: Choices
  readonly change: (changes: Partial<JiraExtras>) => void
}

/** Assignee, labels, components, epic and links; kept as they are chosen. */
export function ExtrasForm({ story }: { readonly story: Story }) {
  const t = useTexts(extrasTexts)
  const [isAsked, setIsAsked] = useState(false)
  const save = useSaveExtras(story.id)
  const { extras, projectKey = '', issueType = '' } = story
  const choices = useJiraChoices({ projectKey, issueType, isAsked })
  const shown = save.isPending ? save.variables : extras
  const change = (changes: Partial<JiraExtras>) => {
    const { assignee, epicKey, ...rest } = { ...shown, ...changes }
    save.mutate({
      ...rest,
      ...(assignee === undefined ? {} : { assignee }),
      ...(epicKey === undefined ? {} : { epicKey }),
    })
  }
  const part = { extras: shown, choices, change }
  const hasParts = (story.versions.at(-1)?.children?.length ?? 0) > 0
  const failed = [choices.assignees, choices.components, choices.epics, choices.linkTypes].find(
    ({ isError }) => isError,
  )
  return (
    <details onToggle={(event) => setIsAsked(event.currentTarget.open)}>
      <summary className="min-h-8 cursor-pointer font-medium max-md:min-h-11">
        {t('extras.title')}
        <SetCount extras={extras} />
      </summary>
      {projectKey === '' ? (
        <p className="mt-2 text-sm text-muted">{t('extras.first')}</p>
      ) : (
        <div className="mt-3 flex flex-col gap-4">
          {failed !== undefined && (
            <ProblemNotice error={failed.error} onRetry={() => void failed.refetch()} />
          )}
          <AssigneeField {...part} />
          <LabelsField {...part} />
          <ComponentsField {...part} />
          <EpicField {...part} hasParts={hasParts} />
          <LinksField {...part} />
          {save.isError && <ProblemNotice error={save.error} />}
        </div>
      )}
    </details>
  )
}

function SetCount({ extras }: { readonly extras: JiraExtras }) {
  const t = useTexts(extrasTexts)
  const { assignee, labels, components, epicKey, links } = extras
  const lists = [labels, components, links].filter((list) => list.length > 0).length
  const count = lists + [assignee, epicKey].filter((one) => one !== undefined).length
  if (count === 0) return undefined
  return <span className="ms-2 text-sm text-muted">{t('extras.set', { count })}</span>
}

const none = '-'

function AssigneeField({ extras: { assignee }, choices: { assignees }, change }: PartProps) {
  const t = useTexts(extrasTexts)
  const known = assignees.data ?? []
  const all =
    assignee === undefined || known.some(({ id }) => id === assignee.id)
      ? known
      : [assignee, ...known]
  return (
    <Select
      label={t('extras.assignee')}
      value={assignee?.id ?? none}
      onChange={(id) => change({ assignee: all.find((one) => one.id === id) })}
      options={[
        { id: none, label: t('extras.assignee.none') },
        ...all.map(({ id, name }) => ({ id, label: name })),
      ]}
    />
  )
}

function LabelsField({ extras: { labels }, change }: PartProps) {
  const t = useTexts(extrasTexts)
  const [text, setText] = useState(labels.join(' '))
  return (
    <TextField
      label={t('extras.labels')}
      description={t('extras.labels.hint')}
      value={text}
      onChange={setText}
      onBlur={() => {
        const next = [...new Set(text.split(/\s+/).filter((word) => word !== ''))]
        if (next.join(' ') !== labels.join(' ')) change({ labels: next })
      }}
    />
  )
}

function ComponentsField({ extras: { components }, choices, change }: PartProps) {
  const t = useTexts(extrasTexts)
  const all = [...new Set([...(choices.components.data ?? []), ...components])]
  if (all.length === 0) return undefined
  return (
    <fieldset className="flex flex-col">
      <legend className="mb-1 text-sm font-medium">{t('extras.components')}</legend>
      {all.map((name) => (
        <Checkbox
          key={name}
          isSelected={components.includes(name)}
          onChange={(isSelected) =>
            change({
              components: isSelected
                ? [...components, name]
                : components.filter((each) => each !== name),
            })
          }
        >
          <bdi>{name}</bdi>
        </Checkbox>
      ))}
    </fieldset>
  )
}

function EpicField({
  extras: { epicKey, splitUnder },
  choices: { epics },
  change,
  hasParts,
}: PartProps & { readonly hasParts: boolean }) {
  const t = useTexts(extrasTexts)
  const known = (epics.data ?? []).map(({ key, summary }) => ({
    id: key,
    label: `${key} · ${summary}`,
  }))
  const isKnown = epicKey === undefined || known.some(({ id }) => id === epicKey)
  return (
    <>
      <Select
        label={t('extras.epic')}
        value={epicKey ?? none}
        onChange={(id) =>
          change(id === none ? { epicKey: undefined, splitUnder: 'parent' } : { epicKey: id })
        }
        options={[
          { id: none, label: t('extras.epic.none') },
          ...(isKnown ? known : [{ id: epicKey, label: epicKey }, ...known]),
        ]}
      />
      {hasParts && epicKey !== undefined && (
        <Select
          label={t('extras.under')}
          value={splitUnder}
          onChange={(next) => change({ splitUnder: next })}
          options={[
            { id: 'parent', label: t('extras.under.parent') },
            { id: 'epic', label: t('extras.under.epic') },
          ]}
        />
      )}
    </>
  )
}

const issueKey = /^[A-Z][A-Z0-9_]+-\d{1,10}$/

function LinksField({ extras: { links }, choices: { linkTypes }, change }: PartProps) {
  const t = useTexts(extrasTexts)
  const [type, setType] = useState<string>()
  const [direction, setDirection] = useState<'outward' | 'inward'>('outward')
  const [key, setKey] = useState('')
  const [wasTried, setWasTried] = useState(false)
  const wanted = key.trim().toUpperCase()
  const isWhole = type !== undefined && issueKey.test(wanted)
  const add = () => {
    setWasTried(!isWhole)
    if (!isWhole) return
    change({ links: [...links, { type, direction, key: wanted }] })
    setKey('')
  }
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="mb-1 text-sm font-medium">{t('extras.links')}</legend>
      {links.length > 0 && (
        <ul className="flex flex-col gap-1">
          {links.map((link, index) => (
            <li key={index} className="flex items-center gap-2 text-sm">
              <span className="min-w-0 flex-1">
                <bdi>{link.type}</bdi> <Code>{link.key}</Code>
              </span>
              <IconButton
                size="small-icon"
                label={t('extras.link.remove', { key: link.key })}
                icon={<X className="size-4" />}
                onPress={() => change({ links: links.toSpliced(index, 1) })}
              />
            </li>
          ))}
        </ul>
      )}
      <Select
        label={t('extras.link.type')}
        value={type}
        onChange={setType}
        options={(linkTypes.data ?? []).map((name) => ({ id: name, label: name }))}
      />
      <Select
        label={t('extras.link.direction')}
        value={direction}
        onChange={setDirection}
        options={[
          { id: 'outward', label: t('extras.link.outward') },
          { id: 'inward', label: t('extras.link.inward') },
        ]}
      />
      <TextField
        kind="code"
        label={t('extras.link.key')}
        description={t('extras.link.key.hint')}
        value={key}
        onChange={setKey}
        error={wasTried && !isWhole ? t('extras.link.bad') : undefined}
      />
      <div>
        <Button size="small" icon={<Plus className="size-4" />} onPress={add}>
          {t('extras.link.add')}
        </Button>
      </div>
    </fieldset>
  )
}
