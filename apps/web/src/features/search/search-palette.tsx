import { type SearchHit, searchKind } from '@studioops/contracts/search'
import { useState } from 'react'
import { Autocomplete } from 'react-aria-components/Autocomplete'
import { Header } from 'react-aria-components/Header'
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useSearch } from './search.queries.ts'
import { searchTexts } from './search.texts.ts'

export type PalettePage = { readonly href: string; readonly label: string }

export type SearchPaletteProps = {
  /** Pages that can be gone to, in the language of the page. */
  readonly pages: readonly PalettePage[]
  readonly onClose: () => void
}

type Entry = {
  readonly id: string
  readonly href: string
  readonly label: string
  readonly detail?: string
}
type Group = { readonly id: string; readonly title: string; readonly entries: readonly Entry[] }

/** One field for everything that the person may see and every page; arrows choose, Enter goes there. */
export function SearchPalette({ pages, onClose }: SearchPaletteProps) {
  const t = useTexts(searchTexts)
  const [text, setText] = useState('')
  const search = useSearch(text)
  const groups = groupsOf(text, pages, text.trim() === '' ? [] : (search.data ?? []))
  return (
    <Dialog isOpen title={t('title')} onClose={onClose}>
      <div className="flex min-h-72 flex-col gap-3">
        <Autocomplete inputValue={text} onInputChange={setText}>
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog is there to be typed into */}
          <TextField autoFocus label={t('field')} value={text} onChange={setText} />
          {search.isError && <ProblemNotice error={search.error} />}
          {groups.length === 0 && search.isSuccess && <p role="status">{t('nothing')}</p>}
          <Menu aria-label={t('results')} className="outline-none" onAction={onClose}>
            {groups.map((group) => (
              <Section
                key={group.id}
                title={group.id === 'pages' ? t('pages') : group.title}
                group={group}
              />
            ))}
          </Menu>
        </Autocomplete>
      </div>
    </Dialog>
  )

  function groupsOf(
    typed: string,
    all: readonly PalettePage[],
    hits: readonly SearchHit[],
  ): readonly Group[] {
    const wanted = typed.trim().toLowerCase()
    const shown = all.filter(({ label }) => label.toLowerCase().includes(wanted))
    const found = searchKind.options.map((kind) => ({
      id: kind,
      title: t(`kind.${kind}`),
      entries: hits.filter((hit) => hit.kind === kind).map(entryOf),
    }))
    const goTo = {
      id: 'pages',
      title: '',
      entries: shown.map(({ href, label }) => ({ id: href, href, label })),
    }
    return [...found, goTo].filter(({ entries }) => entries.length > 0)
  }
}

function Section({ title, group }: { readonly title: string; readonly group: Group }) {
  return (
    <MenuSection id={group.id}>
      <Header className="px-2.5 pt-3 pb-1 text-sm font-medium text-muted">{title}</Header>
      {group.entries.map(({ id, href, label, detail }) => (
        <MenuItem
          key={id}
          id={`${group.id} ${id}`}
          href={href}
          textValue={label}
          className="flex min-h-9 cursor-pointer items-center justify-between gap-3 rounded-field px-2.5 py-1.5 outline-none focus:bg-hover max-md:min-h-11"
        >
          <bdi className="min-w-0 truncate">{label}</bdi>
          {detail !== undefined && <bdi className="shrink-0 text-sm text-muted">{detail}</bdi>}
        </MenuItem>
      ))}
    </MenuSection>
  )
}

function entryOf({ kind, id, title, text, projectId = '', projectName }: SearchHit): Entry {
  const addresses = {
    project: `/projects/${id}`,
    document: `/projects/${projectId}/documents?open=${id}`,
    passage: `/projects/${projectId}/documents?open=${id}`,
    chat: `/chats/${id}`,
    purchase: `/projects/${projectId}/purchases?search=${encodeURIComponent(title.split(' · ')[0] ?? '')}`,
    story: `/stories/${id}`,
    board: `/boards/${id}`,
  }
  const place = kind === 'passage' ? title : projectName
  const detail = kind === 'project' || place === undefined ? {} : { detail: place }
  return { id, href: addresses[kind], label: text ?? title, ...detail }
}
