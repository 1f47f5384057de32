import type { StorySummary } from '@studioops/contracts/stories'
import { Link } from '@tanstack/react-router'
import {
  CircleCheck,
  CircleDashed,
  type LucideIcon,
  PencilLine,
  Send,
  Sparkles,
} from 'lucide-react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Code } from '../../ui/code.tsx'
import { Truncated } from '../../ui/truncated.tsx'
import type { Tone } from '../../ui/tones.ts'
import { dashboardTexts } from './dashboard.texts.ts'

const looks: Record<StorySummary['state'], { readonly tone: Tone; readonly icon: LucideIcon }> = {
  new: { tone: 'neutral', icon: CircleDashed },
  writing: { tone: 'accent', icon: Sparkles },
  draft: { tone: 'accent', icon: PencilLine },
  approved: { tone: 'warn', icon: Send },
  created: { tone: 'good', icon: CircleCheck },
}

/** The way back to what one was writing. */
export function RecentStories({ stories }: { readonly stories: readonly StorySummary[] }) {
  const t = useTexts(dashboardTexts)
  return (
    <section aria-labelledby="recent">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 id="recent" className="text-lg font-semibold">
          {t('recent')}
        </h2>
        <Link to="/stories" className="link inline-flex min-h-8 items-center max-md:min-h-11">
          {t('recent.all')}
        </Link>
      </div>
      <ul className="divide-y divide-line rounded-card border border-line bg-surface shadow-card">
        {stories.map((story) => (
          <li key={story.id}>
            <StoryRow story={story} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function StoryRow({ story }: { readonly story: StorySummary }) {
  const t = useTexts(dashboardTexts)
  const formats = useFormats()
  const { tone, icon } = looks[story.state]
  return (
    <Link
      to="/stories/$storyId"
      params={{ storyId: story.id }}
      className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 hover:bg-hover focus-visible:-outline-offset-2"
    >
      <span className="min-w-0 flex-1 basis-60 font-medium">
        <Truncated>{story.title === '' ? t('story.untitled') : story.title}</Truncated>
      </span>
      {story.issueKey !== undefined && <Code>{story.issueKey}</Code>}
      <Badge tone={tone} icon={icon}>
        {t(`story.${story.state}`)}
      </Badge>
      <bdi className="text-sm text-muted tabular-nums">{formats.dateTime(story.updatedAt)}</bdi>
    </Link>
  )
}
