import type { OfferedTool, ToolServer } from '@studioops/contracts/tools'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { WaitingTools } from './waiting-tools.tsx'
import { useRefreshToolServer, useRemoveToolServer } from './tools.queries.ts'
import { toolsTexts } from './tools.texts.ts'

const tones = { fresh: 'good', stale: 'warn', never: 'warn' } as const

/** One server: how old its list is, what waits for acceptance, and its tools. */
export function ServerCard({ server }: { readonly server: ToolServer }) {
  const t = useTexts(toolsTexts)
  const formats = useFormats()
  const { id, kind, name, address, tokenHint, tls, state, fetchedAt, nextRefreshAt, problem } =
    server
  const title = `tools-${id}`
  const on = server.tools.filter((tool) => tool.state === 'on')
  const waiting = server.tools.filter((tool) => tool.state !== 'on')
  return (
    <Card as="section" labelledBy={title}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h2 id={title} className="text-lg font-semibold wrap-anywhere">
            <bdi>{name}</bdi>
          </h2>
          <p className="flex flex-wrap items-center gap-2 py-1">
            <Badge>{t(`kind.${kind}`)}</Badge>
            <Badge tone={tones[state]}>{t(`state.${state}`)}</Badge>
            {tls === 'off' && <Badge tone="bad">{t('tls.off')}</Badge>}
            {tls === 'own' && <Badge>{t('tls.own')}</Badge>}
            <span>{t('count', { count: server.tools.length })}</span>
          </p>
          {address !== undefined && <Code>{address}</Code>}
          <p className="flex flex-wrap gap-x-3 text-sm text-muted tabular-nums">
            {tokenHint !== undefined && <span>{t('token.hint', { hint: tokenHint })}</span>}
            {fetchedAt !== undefined && (
              <span>{t('fetched', { when: formats.dateTime(fetchedAt) })}</span>
            )}
            {nextRefreshAt !== undefined && (
              <span>{t('next', { when: formats.dateTime(nextRefreshAt) })}</span>
            )}
          </p>
        </div>
        <Deeds server={server} />
      </div>
      {problem !== undefined && (
        <div className="mt-3">
          <Notice tone="warn" title={problem.title}>
            {problem.recovery.join(' ')}
          </Notice>
        </div>
      )}
      {waiting.length > 0 && <WaitingTools serverId={id} tools={waiting} />}
      {on.length > 0 && (
        <details className="mt-3">
          <summary className="cursor-pointer rounded-field py-1 font-medium">{t('show')}</summary>
          <ul className="flex flex-col divide-y divide-line">
            {on.map((tool) => (
              <ToolRow key={tool.name} tool={tool} />
            ))}
          </ul>
        </details>
      )}
    </Card>
  )
}

function ToolRow({ tool }: { readonly tool: OfferedTool }) {
  const t = useTexts(toolsTexts)
  const { name, title, description, effect, requiredArguments } = tool
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-center gap-2">
        <Code>{name}</Code>
        <Badge tone={effect === 'destroy' ? 'bad' : 'neutral'}>{t(`effect.${effect}`)}</Badge>
      </p>
      {title !== undefined && (
        <p className="font-medium wrap-anywhere" dir="auto">
          {title}
        </p>
      )}
      <p className="text-sm whitespace-pre-line text-muted wrap-anywhere" dir="auto">
        {description}
      </p>
      {requiredArguments.length > 0 && (
        <p className="text-sm text-muted wrap-anywhere">
          {t('needs', { names: requiredArguments.join(', ') })}
        </p>
      )}
    </li>
  )
}

function Deeds({ server: { id, kind, name } }: { readonly server: ToolServer }) {
  const t = useTexts(toolsTexts)
  const toast = useToast()
  const refresh = useRefreshToolServer(id)
  const remove = useRemoveToolServer(id)
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    remove.mutate(undefined, { onSuccess: () => toast({ text: t('removed', { name }) }) })
  return (
    <div className="flex flex-col items-end gap-2">
      <div className="flex flex-wrap gap-2">
        <Button
          size="small"
          aria-label={t('refresh.named', { name })}
          isPending={refresh.isPending}
          onPress={() =>
            refresh.mutate(undefined, {
              onSuccess: () => toast({ text: t('refreshed', { name }) }),
            })
          }
        >
          {t('refresh')}
        </Button>
        {kind !== 'built-in' && (
          <Button
            size="small"
            look="quiet"
            aria-label={t('remove.named', { name })}
            onPress={() => setIsAsking(true)}
          >
            {t('remove')}
          </Button>
        )}
      </div>
      {refresh.error !== null && <ProblemNotice error={refresh.error} />}
      <ConfirmDialog
        title={t('remove.title', { name })}
        confirmLabel={t('remove.named', { name })}
        isOpen={isAsking}
        isPending={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('remove.text')}</p>
        {remove.error !== null && (
          <div className="mt-4">
            <ProblemNotice error={remove.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </div>
  )
}
