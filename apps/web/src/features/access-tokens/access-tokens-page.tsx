import type { AccessToken } from '@studioops/contracts/access-tokens'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useAccessTokens, useRevokeAccessToken } from './access-tokens.queries.ts'
import { accessTokensTexts } from './access-tokens.texts.ts'
import { MakeToken } from './make-token.tsx'

/** Tokens for programs: made, shown once, listed, ended. */
export function AccessTokensPage() {
  const t = useTexts(accessTokensTexts)
  const tokens = useAccessTokens()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="flex flex-col gap-5">
        {tokens.isPending && (
          <>
            <LoadingStatus />
            <Skeleton shape="card" count={2} />
          </>
        )}
        {tokens.isError && (
          <ProblemNotice
            error={tokens.error}
            isRetrying={tokens.isFetching}
            onRetry={() => void tokens.refetch()}
          />
        )}
        {tokens.data !== undefined && (
          <>
            <Card as="section" labelledBy="programs-address">
              <h2 id="programs-address" className="text-lg font-semibold">
                {t('address.title')}
              </h2>
              <p className="my-2 flex flex-wrap items-center gap-2">
                <Code>{tokens.data.mcpUrl}</Code>
                <CopyButton text={tokens.data.mcpUrl} object={t('address.title')} />
              </p>
              <p className="text-sm text-muted">{t('address.text')}</p>
            </Card>
            <Card as="section" labelledBy="programs-make">
              <MakeToken />
            </Card>
            <TokenList tokens={tokens.data.tokens} />
          </>
        )}
      </div>
    </Page>
  )
}

function TokenList({ tokens }: { readonly tokens: readonly AccessToken[] }) {
  const t = useTexts(accessTokensTexts)
  if (tokens.length === 0)
    return (
      <EmptyState icon={KeyRound} title={t('empty.title')}>
        {t('empty.text')}
      </EmptyState>
    )
  return (
    <Card as="section" labelledBy="programs-list">
      <h2 id="programs-list" className="text-lg font-semibold">
        {t('list.title')}
      </h2>
      <ul className="flex flex-col divide-y divide-line">
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} />
        ))}
      </ul>
    </Card>
  )
}

const tones = { valid: 'good', expired: 'neutral', revoked: 'neutral' } as const

function TokenRow({ token }: { readonly token: AccessToken }) {
  const t = useTexts(accessTokensTexts)
  const formats = useFormats()
  const { name, state, scopes, hint, createdAt, expiresAt, lastUsedAt } = token
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium wrap-anywhere">
          <bdi>{name}</bdi>
          <Badge tone={tones[state]}>{t(`state.${state}`)}</Badge>
        </p>
        <p className="text-sm text-muted">
          {scopes.map((scope) => t(`scope.${scope}`)).join(' · ')}
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-muted tabular-nums">
          <span>{t('ending', { hint })}</span>
          <span>{t('created', { when: formats.dateTime(createdAt) })}</span>
          <span>{t('expires', { when: formats.dateTime(expiresAt) })}</span>
          <span>
            {lastUsedAt === undefined
              ? t('unused')
              : t('used', { when: formats.dateTime(lastUsedAt) })}
          </span>
        </p>
      </div>
      {state === 'valid' && <RevokeButton token={token} />}
    </li>
  )
}

function RevokeButton({ token: { id, name } }: { readonly token: AccessToken }) {
  const t = useTexts(accessTokensTexts)
  const toast = useToast()
  const revoke = useRevokeAccessToken()
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    revoke.mutate(id, {
      onSuccess: () => {
        setIsAsking(false)
        toast({ text: t('revoked', { name }) })
      },
    })
  return (
    <>
      <Button
        size="small"
        aria-label={t('revoke.named', { name })}
        onPress={() => setIsAsking(true)}
      >
        {t('revoke')}
      </Button>
      <ConfirmDialog
        title={t('revoke.title', { name })}
        confirmLabel={t('revoke.named', { name })}
        isOpen={isAsking}
        isPending={revoke.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('revoke.text')}</p>
        {revoke.error !== null && (
          <div className="mt-4">
            <ProblemNotice error={revoke.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </>
  )
}
