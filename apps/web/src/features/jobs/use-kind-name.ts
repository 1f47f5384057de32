import { useTexts } from '../../lib/i18n/use-texts.ts'
import { jobsTexts } from './jobs.texts.ts'

const named = {
  'connections.check': 'kind.connections.check',
  'tools.plan-refreshes': 'kind.tools.plan-refreshes',
  'connections.plan-checks': 'kind.connections.plan-checks',
  'installation.sweep': 'kind.installation.sweep',
  'backups.make-now': 'kind.backups.make-now',
  'tools.refresh': 'kind.tools.refresh',
  'documents.read': 'kind.documents.read',
  'boards.watch': 'kind.boards.watch',
  'boards.refresh': 'kind.boards.refresh',
} as const

const isNamed = (kind: string): kind is keyof typeof named => kind in named

/** What a kind of job does, in words. */
export function useKindName(): (kind: string) => string {
  const t = useTexts(jobsTexts)
  return (kind) => t(isNamed(kind) ? named[kind] : 'kind.other')
}
