import type { DifferenceLine, OfferedTool } from '@studioops/contracts/tools'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useAcceptTools } from './tools.queries.ts'
import { toolsTexts } from './tools.texts.ts'

/** Tools that are off because they changed or are new, each with what a person has to see first. */
export function WaitingTools({
  serverId,
  tools,
}: {
  readonly serverId: string
  readonly tools: readonly OfferedTool[]
}) {
  const t = useTexts(toolsTexts)
  const toast = useToast()
  const accept = useAcceptTools(serverId)
  const send = (chosen: readonly OfferedTool[]) =>
    accept.mutate(chosen, { onSuccess: () => toast({ text: t('accepted'), tone: 'good' }) })
  return (
    <div className="mt-4 flex flex-col gap-3">
      <Notice tone="warn" title={t('wait.title')}>
        {t('wait.text')}
      </Notice>
      {tools.map((tool) => (
        <div key={tool.name} className="rounded-field border border-line p-3">
          <div className="flex flex-wrap items-center gap-2">
            <Code>{tool.name}</Code>
            <Badge tone="warn">{t(tool.state === 'changed' ? 'tool.changed' : 'tool.new')}</Badge>
            <Button
              size="small"
              aria-label={t('accept.named', { name: tool.name })}
              isPending={accept.isPending}
              onPress={() => send([tool])}
            >
              {t('accept')}
            </Button>
          </div>
          {tool.differences === undefined ? (
            <p className="mt-2 text-sm whitespace-pre-line wrap-anywhere" dir="auto">
              {tool.description}
            </p>
          ) : (
            <Differences name={tool.name} lines={tool.differences} />
          )}
        </div>
      ))}
      {accept.error !== null && <ProblemNotice error={accept.error} />}
      {tools.length > 1 && (
        <div>
          <Button isPending={accept.isPending} onPress={() => send(tools)}>
            {t('accept.all')}
          </Button>
        </div>
      )}
    </div>
  )
}

const marks = { same: ' ', added: '+', removed: '−' } as const
const lineClasses = {
  same: 'text-muted',
  added: 'bg-good-soft text-good-ink',
  removed: 'bg-bad-soft text-bad-ink',
} as const

function Differences({
  name,
  lines,
}: {
  readonly name: string
  readonly lines: readonly DifferenceLine[]
}) {
  const t = useTexts(toolsTexts)
  return (
    <ul
      dir="ltr"
      aria-label={t('difference.of', { name })}
      className="mt-2 rounded-field bg-sunken p-2 font-mono text-sm"
    >
      {lines.map(({ kind, text }, index) => (
        // Lines may repeat; their place is what they are.
        // oxlint-disable-next-line react/no-array-index-key -- the list is never reordered
        <li key={index} className={classNames('px-1 wrap-anywhere', lineClasses[kind])}>
          <span aria-hidden>{marks[kind]} </span>
          {kind !== 'same' && <span className="sr-only">{t(`difference.${kind}`)}: </span>}
          {text}
        </li>
      ))}
    </ul>
  )
}
