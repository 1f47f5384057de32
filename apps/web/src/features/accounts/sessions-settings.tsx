import type { OwnSession } from '@studioops/contracts/accounts'
import { Monitor } from 'lucide-react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useEndSessions, useOwnSessions } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { deviceOf } from './device-name.ts'

/** Each browser in which the person is signed in, and a way to end it (ID-9). */
export function SessionsSettings() {
  const t = useTexts(accountsTexts)
  const toast = useToast()
  const sessions = useOwnSessions()
  const end = useEndSessions()
  const all = sessions.data?.sessions ?? []
  return (
    <>
      <h2 id="profile-sessions" className="text-lg font-semibold">
        {t('sessions.title')}
      </h2>
      <p className="mb-4 text-sm text-muted">{t('sessions.hint')}</p>
      {sessions.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="field" count={2} />
        </>
      )}
      {sessions.isError && (
        <ProblemNotice error={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      <ul className="flex flex-col divide-y divide-line">
        {all.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            isEnding={end.isPending && end.variables === session.id}
            onEnd={() => end.mutate(session.id)}
          />
        ))}
      </ul>
      {end.isError && <ProblemNotice error={end.error} />}
      {all.length > 1 && (
        <div className="mt-4">
          <Button
            isPending={end.isPending && end.variables === undefined}
            onPress={() =>
              end.mutate(undefined, {
                onSuccess: () => toast({ text: t('sessions.ended'), tone: 'good' }),
              })
            }
          >
            {t('sessions.endOthers')}
          </Button>
        </div>
      )}
    </>
  )
}

function SessionRow({
  session,
  isEnding,
  onEnd,
}: {
  readonly session: OwnSession
  readonly isEnding: boolean
  readonly onEnd: () => void
}) {
  const t = useTexts(accountsTexts)
  const formats = useFormats()
  const known = deviceOf(session.userAgent)
  const device = known === undefined ? t('sessions.unknown') : t('sessions.device', known)
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <Monitor aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {device}
          {session.isThisOne && <Badge tone="accent">{t('sessions.this')}</Badge>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-muted tabular-nums">
          {session.address !== undefined && <LeftToRight>{session.address}</LeftToRight>}
          <span>{t('sessions.seen', { when: formats.dateTime(session.lastSeenAt) })}</span>
          <span>{t('sessions.since', { when: formats.dateTime(session.signedInAt) })}</span>
        </p>
      </div>
      {!session.isThisOne && (
        <Button
          size="small"
          isPending={isEnding}
          aria-label={t('sessions.endOf', { device })}
          onPress={onEnd}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
