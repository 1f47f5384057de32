import type { PayloadPreview, Story, StoryVersion } from '@studioops/contracts/stories'
import type { ReactNode } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { letterDirection } from '../../ui/markdown-direction.ts'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { storiesTexts } from './stories.texts.ts'
import { StoryView } from './story-view.tsx'

/** The issue as Jira will show it, field by field (STY-14); once it is approved, what was sent. */
export function FormattedPreview({
  story,
  newest,
  isOpen,
}: {
  readonly story: Story
  readonly newest: StoryVersion
  readonly isOpen: boolean
}) {
  const t = useTexts(storiesTexts)
  const { preview } = story
  if (!isOpen) return <StoryView story={newest.content} />
  if (preview === undefined)
    return (
      <div className="flex flex-col gap-4">
        <NoPreview story={story} />
        <StoryView story={newest.content} />
      </div>
    )
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-muted">{t('preview.lead')}</p>
      <Card as="article">
        <div className="flex flex-col gap-5">
          <h3
            dir={letterDirection(preview.summary)}
            className="text-start text-xl font-semibold wrap-anywhere"
          >
            {preview.summary}
          </h3>
          <Fields preview={preview} />
          <hr className="border-line" />
          <Markdown text={preview.description} headingLevel={4} codeLabel={t('preview.code')} />
        </div>
      </Card>
      <PreviewNotes preview={preview} />
      {!preview.isCreated && <Notice>{t('preview.uncreated')}</Notice>}
      <PartPreviews preview={preview} />
      <Joins preview={preview} />
    </div>
  )
}

/** What is joined once the issues are there. */
function Joins({ preview: { joins } }: { readonly preview: PayloadPreview }) {
  const t = useTexts(storiesTexts)
  if (joins.length === 0) return undefined
  const nameOf = (end: string) => {
    const part = /^child\.(\d+)$/.exec(end)?.[1]
    if (part !== undefined) return t('preview.join.part', { number: Number(part) + 1 })
    return end === 'story' ? t('preview.join.story') : end
  }
  return (
    <section aria-label={t('preview.joins')} className="flex flex-col gap-1">
      <h3 className="font-semibold">{t('preview.joins')}</h3>
      <ul className="list-disc ps-5">
        {joins.map(({ kind, type, from, to }, index) => (
          <li key={index}>
            {kind === 'epic'
              ? t('preview.join.epic', { from: nameOf(from), to: nameOf(to) })
              : t('preview.join', { from: nameOf(from), type, to: nameOf(to) })}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Of a split: each part as Jira will show it. */
function PartPreviews({ preview: { children } }: { readonly preview: PayloadPreview }) {
  const t = useTexts(storiesTexts)
  if (children.length === 0) return undefined
  return (
    <section aria-label={t('preview.parts')} className="flex flex-col gap-3">
      <h3 className="font-semibold">{t('preview.parts')}</h3>
      {children.map((child, index) => (
        <Card key={index}>
          <details>
            <summary
              dir={letterDirection(child.summary)}
              className="min-h-8 cursor-pointer text-start font-medium wrap-anywhere max-md:min-h-11"
            >
              {child.summary}
            </summary>
            <div className="mt-3 flex flex-col gap-5">
              <dl className={fieldsClass}>
                <IssueFields issue={child} />
              </dl>
              <Markdown text={child.description} headingLevel={4} codeLabel={t('preview.code')} />
              <PreviewNotes preview={child} />
            </div>
          </details>
        </Card>
      ))}
    </section>
  )
}

function NoPreview({ story: { previewProblem } }: { readonly story: Story }) {
  const t = useTexts(storiesTexts)
  if (previewProblem !== undefined) return <ProblemNotice tone="warn" error={previewProblem} />
  return <Notice>{t('preview.none')}</Notice>
}

function Fields({ preview }: { readonly preview: PayloadPreview }) {
  const t = useTexts(storiesTexts)
  const { projectKey, account, jiraUrl } = preview
  return (
    <dl className={fieldsClass}>
      <Field name={t('preview.project')}>
        <Code>{projectKey}</Code>
      </Field>
      <IssueFields issue={preview} />
      <Field name={t('preview.account')}>
        <bdi>{account}</bdi>
      </Field>
      <Field name={t('preview.jira')}>
        <LeftToRight>{jiraUrl}</LeftToRight>
      </Field>
    </dl>
  )
}

const fieldsClass = 'grid gap-x-6 gap-y-2 @2xl:grid-cols-2 sm:grid-cols-2'

type IssuePreview = PayloadPreview['children'][number]

function IssueFields({ issue }: { readonly issue: IssuePreview }) {
  const t = useTexts(storiesTexts)
  const { issueType, fields, labels } = issue
  return (
    <>
      <Field name={t('preview.type')}>
        <bdi>{issueType}</bdi>
      </Field>
      {fields.map(({ name, value }) => (
        <Field key={name} name={<bdi>{name}</bdi>}>
          <bdi>{value}</bdi>
        </Field>
      ))}
      {labels.length > 0 && (
        <Field name={t('preview.labels')}>
          <span className="flex flex-wrap gap-1.5">
            {labels.map((label) => (
              <Code key={label}>{label}</Code>
            ))}
          </span>
        </Field>
      )}
    </>
  )
}

function Field({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-wrap gap-x-3">
      <dt className="text-sm leading-[1.6rem] text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  )
}

function PreviewNotes({ preview: { notes } }: { readonly preview: IssuePreview }) {
  const t = useTexts(storiesTexts)
  return notes.map((note) => <Notice key={note}>{t(`note.${note}`)}</Notice>)
}

/** The same as it leaves for Jira. */
export function RawPreview({ story }: { readonly story: Story }) {
  const t = useTexts(storiesTexts)
  const { preview } = story
  if (preview === undefined) return <NoPreview story={story} />
  const name = t(`preview.raw.${preview.rawFormat}`)
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-col gap-1.5">
        <h3 className="text-sm font-medium">{t('part.summary')}</h3>
        <p dir="auto" className="rounded-field bg-sunken p-3 text-start wrap-anywhere">
          {preview.summary}
        </p>
      </div>
      <div className="flex flex-col gap-1.5">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h3 className="text-sm font-medium">{name}</h3>
          <CopyButton text={preview.rawDescription} object={name} />
        </div>
        <RawText name={name} preview={preview} />
      </div>
      <Card>
        <Fields preview={preview} />
      </Card>
      <PreviewNotes preview={preview} />
    </div>
  )
}

/** JSON is code; wiki markup is a text, whose lines each have their own direction. */
function RawText({
  name,
  preview: { rawFormat, rawDescription },
}: {
  readonly name: string
  readonly preview: PayloadPreview
}) {
  return (
    <pre
      dir={rawFormat === 'adf' ? 'ltr' : undefined}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- A region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      role="region"
      aria-label={name}
      className="max-h-[32rem] overflow-auto rounded-field bg-sunken p-3 font-mono text-sm whitespace-pre-wrap wrap-anywhere"
    >
      {rawFormat === 'adf' ? readableJson(rawDescription) : <Lines text={rawDescription} />}
    </pre>
  )
}

function Lines({ text }: { readonly text: string }) {
  return text.split('\n').map((line, index) => (
    <span key={index} dir={letterDirection(line)} className="block min-h-lh text-start">
      <Line text={line} />
    </span>
  ))
}

const lineMarkup = /^(?:h[1-6]\.|bq\.|[*#-]+)(?= )/

/** The mark at the beginning of a line is Latin, whatever the line is: `h2.` and not `.h2`. */
function Line({ text }: { readonly text: string }) {
  const mark = lineMarkup.exec(text)?.[0]
  if (mark === undefined) return text
  return (
    <>
      <bdi dir="ltr">{mark}</bdi>
      {text.slice(mark.length)}
    </>
  )
}

function readableJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
