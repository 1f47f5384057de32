import type { Story } from '@studioops/contracts/stories'
import { CircleCheck, CircleDashed, FilePen, type LucideIcon, PenLine, Send } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import type { Tone } from '../../ui/tones.ts'
import { storiesTexts } from './stories.texts.ts'

const signs: Readonly<Record<Story['state'], { readonly tone: Tone; readonly icon: LucideIcon }>> =
  {
    new: { tone: 'neutral', icon: CircleDashed },
    writing: { tone: 'accent', icon: PenLine },
    draft: { tone: 'neutral', icon: FilePen },
    approved: { tone: 'warn', icon: Send },
    created: { tone: 'good', icon: CircleCheck },
  }

export function StoryStateBadge({ state }: { readonly state: Story['state'] }) {
  const t = useTexts(storiesTexts)
  const { tone, icon } = signs[state]
  return (
    <Badge tone={tone} icon={icon}>
      {t(`state.${state}`)}
    </Badge>
  )
}
