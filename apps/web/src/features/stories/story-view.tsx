import { stlcSections } from '@studioops/contracts/story-content'
import { type ReactNode, useId } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { letterDirection } from '../../ui/markdown-direction.ts'
import type { PartialScenario, PartialStory } from './partial-story.ts'
import { storiesTexts } from './stories.texts.ts'

const narrativeParts = ['asA', 'iWant', 'soThat'] as const
const steps = ['given', 'when', 'then'] as const

/**
 * A story by its parts, whole or as far as it was written. While it grows each part that is still
 * to come has its place, so that nothing that is being read moves.
 */
export function StoryView({
  story,
  isGrowing = false,
  hasScenarios = false,
}: {
  readonly story: PartialStory
  readonly isGrowing?: boolean
  /** Keeps a place for scenarios that are still to come. */
  readonly hasScenarios?: boolean
}) {
  const t = useTexts(storiesTexts)
  const formats = useFormats()
  const { summary, narrative, acceptanceCriteria, scenarios, stlcNotes, storyPoints } = story
  const begun = scenarios.filter(({ name, given }) => name !== '' || given !== '')
  return (
    <article
      aria-busy={isGrowing}
      aria-label={t('step.story')}
      className="flex flex-col gap-6 rounded-card border border-line bg-surface p-5 shadow-card sm:p-6"
    >
      <header className="flex flex-col gap-x-4 gap-y-1 sm:flex-row sm:items-start sm:justify-between">
        <div className="min-w-0 flex-1 text-xl font-semibold">
          <StoryText text={summary} isGrowing={isGrowing} />
        </div>
        <p className="flex shrink-0 items-baseline gap-1.5 text-sm text-muted">
          {t('part.points')}
          <bdi className="min-w-4 text-center font-semibold text-ink tabular-nums">
            {storyPoints === undefined ? '–' : formats.number(storyPoints)}
          </bdi>
        </p>
      </header>
      <Part title={t('part.narrative')}>
        <Pairs>
          {narrativeParts.map((part) => (
            <Pair key={part} name={t(`part.${part}`)}>
              <StoryText text={narrative[part]} isGrowing={isGrowing} />
            </Pair>
          ))}
        </Pairs>
      </Part>
      <Part title={t('part.criteria')}>
        <Criteria texts={acceptanceCriteria} isGrowing={isGrowing} />
      </Part>
      {(hasScenarios || begun.length > 0) && (
        <Part title={t('part.scenarios')}>
          {begun.length === 0 && <StoryText text={undefined} isGrowing={isGrowing} />}
          {begun.map((scenario, index) => (
            <Scenario key={index} scenario={scenario} isGrowing={isGrowing} />
          ))}
        </Part>
      )}
      <Part title={t('part.stlc')}>
        <Pairs>
          {stlcSections.map((section) => (
            <Pair key={section} name={t(`part.${section}`)}>
              <StoryText text={stlcNotes[section]} isGrowing={isGrowing} />
            </Pair>
          ))}
        </Pairs>
      </Part>
      {story.sections?.map(({ key, title, text }) => (
        <Part key={key} title={<bdi>{title}</bdi>}>
          <StoryText text={text} isGrowing={isGrowing} />
        </Part>
      ))}
    </article>
  )
}

function Part({ title, children }: { readonly title: ReactNode; readonly children: ReactNode }) {
  const headingId = useId()
  return (
    <section aria-labelledby={headingId} className="flex flex-col gap-2.5">
      <h3 id={headingId} className="font-semibold">
        {title}
      </h3>
      {children}
    </section>
  )
}

function Pairs({ children }: { readonly children: ReactNode }) {
  return <dl className="flex flex-col gap-2">{children}</dl>
}

function Pair({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-4 sm:grid-cols-[8rem_minmax(0,1fr)]">
      <dt className="text-sm leading-[1.6rem] text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}

function Criteria({
  texts,
  isGrowing,
}: {
  readonly texts: readonly string[]
  readonly isGrowing: boolean
}) {
  if (texts.length === 0) return <StoryText text={undefined} isGrowing={isGrowing} />
  return (
    <ul className="flex list-disc flex-col gap-1.5 ps-5 marker:text-muted">
      {texts.map((text, index) => (
        <li key={index}>
          <StoryText text={text} isGrowing={isGrowing} />
        </li>
      ))}
    </ul>
  )
}

function Scenario({
  scenario,
  isGrowing,
}: {
  readonly scenario: PartialScenario
  readonly isGrowing: boolean
}) {
  const t = useTexts(storiesTexts)
  return (
    <div className="flex flex-col gap-2 border-s-2 border-accent-line ps-4">
      <div className="font-medium">
        <StoryText text={scenario.name} isGrowing={isGrowing} />
      </div>
      <Pairs>
        {steps.map((step) => (
          <Pair key={step} name={t(`part.${step}`)}>
            <StoryText text={scenario[step]} isGrowing={isGrowing} />
          </Pair>
        ))}
      </Pairs>
      {scenario.examples !== undefined && <Examples examples={scenario.examples} />}
    </div>
  )
}

function Examples({
  examples: { columns, rows },
}: {
  readonly examples: NonNullable<PartialScenario['examples']>
}) {
  const t = useTexts(storiesTexts)
  return (
    <div
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- A region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      role="region"
      aria-label={t('part.examples')}
      className="overflow-x-auto"
    >
      <table className="border-collapse text-sm">
        <caption className="mb-1 text-start text-muted">{t('part.examples')}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                className="border border-line px-2.5 py-1 text-start font-medium"
              >
                <bdi>{column}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, index) => (
            <tr key={index}>
              {cells.map((cell, at) => (
                <td key={at} className="border border-line px-2.5 py-1">
                  <bdi>{cell}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function StoryText({
  text,
  isGrowing = false,
}: {
  readonly text: string | undefined
  readonly isGrowing?: boolean
}) {
  const isMissing = text === undefined || text === ''
  if (isMissing && isGrowing)
    return (
      <span aria-hidden className="flex h-lh items-center">
        <span className="h-[0.7em] w-3/5 rounded-field bg-hover" />
      </span>
    )
  if (isMissing) return <p className="text-muted">–</p>
  return (
    <p
      dir={letterDirection(text)}
      className="text-start text-wrap wrap-anywhere whitespace-pre-line"
    >
      {text}
    </p>
  )
}
