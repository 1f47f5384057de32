import { useTexts } from '../../lib/i18n/use-texts.ts'
import { letterDirection } from '../../ui/markdown-direction.ts'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { storiesTexts } from './stories.texts.ts'
import { type Compared, diffStories, type PartDiff } from './story-diff.ts'
import type { DiffPart } from './word-diff.ts'

/** What differs, part by part; each change by sign, by colour and in words. */
export function StoryDiff({
  before,
  after,
}: {
  readonly before: Compared
  readonly after: Compared
}) {
  const t = useTexts(storiesTexts)
  const parts = diffStories(before, after)
  if (parts.length === 0) return <p className="text-muted">{t('compare.equal')}</p>
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-muted">{t('compare.legend')}</p>
      <dl className="flex flex-col gap-4">
        {parts.map(({ diff, ...part }, index) => (
          <div key={index} className="flex flex-col gap-1">
            <dt className="text-sm text-muted">
              <PartName {...part} />
            </dt>
            <dd
              dir={letterDirection(diff.map(({ text }) => text).join(''))}
              className="text-start wrap-anywhere whitespace-pre-line"
            >
              {diff.map((each, index) => (
                <Change key={index} part={each} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

type Named = PartDiff extends infer Part
  ? Part extends unknown
    ? Omit<Part, 'diff'>
    : never
  : never

function PartName(part: Named) {
  const t = useTexts(storiesTexts)
  if (part.part === 'section') return <bdi>{part.title}</bdi>
  if (part.part === 'child') return t('part.child', { number: part.number })
  return t(`part.${part.part}`)
}

function Change({ part: { kind, text } }: { readonly part: DiffPart }) {
  const t = useTexts(storiesTexts)
  if (kind === 'same') return text
  const isAdded = kind === 'added'
  const Element = isAdded ? 'ins' : 'del'
  const { lead, rest } = split(text)
  const className = isAdded
    ? 'rounded-sm bg-good-soft text-good-ink no-underline'
    : 'rounded-sm bg-bad-soft text-bad-ink'
  return (
    <Element className={className}>
      <VisuallyHidden>{isAdded ? t('compare.added') : t('compare.removed')} </VisuallyHidden>
      {lead}
      <span aria-hidden>{isAdded ? '+' : '−'}</span>
      {rest}
    </Element>
  )
}

/** A change that begins with a new line carries its sign in that line, not at the end of the last. */
function split(text: string): { lead: string; rest: string } {
  const rest = text.trimStart()
  return rest === '' ? { lead: '', rest: text } : { lead: text.slice(0, -rest.length), rest }
}
