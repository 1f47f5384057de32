import type { ProjectColor, ProjectStatus } from '@studioops/contracts/projects'
import { Archive, CircleCheck, CircleDashed, CirclePause, CirclePlay } from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { projectsTexts } from './projects.texts.ts'

/** Literal class names, so that Tailwind finds them. */
const grounds: Readonly<Record<ProjectColor, string>> = {
  blue: 'bg-project-blue',
  teal: 'bg-project-teal',
  green: 'bg-project-green',
  amber: 'bg-project-amber',
  orange: 'bg-project-orange',
  red: 'bg-project-red',
  pink: 'bg-project-pink',
  violet: 'bg-project-violet',
  gray: 'bg-project-gray',
}

/** The colour that somebody chose; it says nothing that words do not say. */
export function ProjectDot({ color }: { readonly color: ProjectColor }) {
  return (
    <span
      aria-hidden
      className={classNames('inline-block size-3 shrink-0 rounded-full', grounds[color])}
    />
  )
}

const icons = {
  planned: CircleDashed,
  active: CirclePlay,
  'on-hold': CirclePause,
  done: CircleCheck,
} as const
const tones = { planned: 'neutral', active: 'accent', 'on-hold': 'warn', done: 'good' } as const

export function ProjectBadges({
  status,
  isArchived,
}: {
  readonly status: ProjectStatus
  readonly isArchived: boolean
}) {
  const t = useTexts(projectsTexts)
  return (
    <>
      <Badge tone={tones[status]} icon={icons[status]}>
        {t(`status.${status}`)}
      </Badge>
      {isArchived && <Badge icon={Archive}>{t('archived')}</Badge>}
    </>
  )
}
