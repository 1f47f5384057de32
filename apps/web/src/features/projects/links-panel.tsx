import {
  type Project,
  type ProjectLink,
  type ProjectLinkKind,
  projectLinkKind,
} from '@studioops/contracts/projects'
import { Link } from '@tanstack/react-router'
import { RotateCw, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { mayEdit } from '../../lib/project.queries.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useAddLink, useCheckLink, usePlaces, useRemoveLink } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

type Props = { readonly project: Project }

/** Boards, Jira projects and spaces of a project, with what it takes to change them. */
export function LinksPanel({ project }: Props) {
  const t = useTexts(projectsTexts)
  return (
    <Card as="section" labelledBy="project-links">
      <h2 id="project-links" className="mb-1 text-lg font-semibold">
        {t('links.title')}
      </h2>
      <p className="mb-4 text-muted">{t('links.text')}</p>
      <LinkList project={project} />
      {mayEdit(project) && <AddLink project={project} />}
    </Card>
  )
}

export function LinkList({ project }: Props) {
  const t = useTexts(projectsTexts)
  if (project.links.length === 0) return <p className="text-muted">{t('links.none')}</p>
  return (
    <ul className="divide-y divide-line">
      {project.links.map((link) => (
        <LinkRow key={link.id} project={project} link={link} />
      ))}
    </ul>
  )
}

function LinkName({ link: { kind, key, name, url } }: { readonly link: ProjectLink }) {
  if (kind === 'trello-board')
    return (
      <Link
        to="/boards/$boardId"
        params={{ boardId: key }}
        search={{}}
        className="font-medium wrap-anywhere hover:underline"
      >
        <bdi>{name}</bdi>
      </Link>
    )
  return (
    <span className="flex flex-wrap items-center gap-2 font-medium wrap-anywhere">
      {url === undefined ? <bdi>{name}</bdi> : <OutsideLink href={url}>{name}</OutsideLink>}
      {name !== key && <Code>{key}</Code>}
    </span>
  )
}

function LinkRow({ project, link }: Props & { readonly link: ProjectLink }) {
  const t = useTexts(projectsTexts)
  const toast = useToast()
  const check = useCheckLink(project.id)
  const removal = useRemoveLink(project.id)
  const again = useAddLink(project.id)
  const { id, kind, key, name } = link
  const error = check.error ?? removal.error ?? again.error
  const remove = () =>
    removal.mutate(id, {
      onSuccess: () =>
        toast({
          text: t('links.removed', { name }),
          action: { label: t('undo'), onPress: () => again.mutate({ kind, key }) },
        }),
    })
  return (
    <li className="flex flex-col gap-2 py-2">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <div className="min-w-0">
          <LinkName link={link} />
          <p className="text-sm text-muted">{t(`kind.${kind}`)}</p>
        </div>
        <span className="flex items-center gap-1">
          {!link.isChecked && <Badge tone="warn">{t('links.unchecked')}</Badge>}
          {mayEdit(project) && !link.isChecked && (
            <IconButton
              size="small-icon"
              label={t('links.check', { name })}
              icon={<RotateCw aria-hidden className="size-4" />}
              isPending={check.isPending}
              onPress={() => check.mutate(id)}
            />
          )}
          {mayEdit(project) && (
            <IconButton
              size="small-icon"
              label={t('links.remove', { name })}
              icon={<Trash2 aria-hidden className="size-4" />}
              isPending={removal.isPending}
              onPress={remove}
            />
          )}
        </span>
      </div>
      {error !== null && <ProblemNotice error={error} />}
    </li>
  )
}

function AddLink({ project }: Props) {
  const t = useTexts(projectsTexts)
  const [kind, setKind] = useState<ProjectLinkKind>('trello-board')
  const [key, setKey] = useState('')
  const places = usePlaces(kind)
  const add = useAddLink(project.id)
  const isLinked = (place: { readonly key: string }) =>
    project.links.some((link) => link.kind === kind && link.key === place.key)
  const options = (places.data ?? [])
    .filter((place) => !isLinked(place))
    .map((place) => ({ id: place.key, label: place.name }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() !== '') add.mutate({ kind, key: key.trim() }, { onSuccess: () => setKey('') })
  }
  return (
    <form noValidate className="mt-4 flex flex-col gap-3" onSubmit={submit}>
      {add.isError && <ProblemNotice error={add.error} />}
      <div className="grid items-end gap-3 sm:grid-cols-[12rem_1fr_auto]">
        <Select
          label={t('links.kind')}
          value={kind}
          options={projectLinkKind.options.map((id) => ({ id, label: t(`kind.${id}`) }))}
          onChange={(next) => {
            setKind(next)
            setKey('')
          }}
        />
        {places.isError ? (
          <TextField kind="code" label={t('links.type')} value={key} onChange={setKey} />
        ) : (
          <Select
            label={t('links.choose')}
            placeholder={t('links.choose.placeholder')}
            value={key === '' ? undefined : key}
            options={options}
            onChange={setKey}
          />
        )}
        <Button type="submit" isPending={add.isPending}>
          {t('links.add')}
        </Button>
      </div>
      {places.isError && <p className="text-muted">{t('links.away')}</p>}
    </form>
  )
}
