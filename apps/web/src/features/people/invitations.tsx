import type { Role } from '@studioops/contracts/accounts'
import type { Invitation } from '@studioops/contracts/people'
import { Controller, useForm } from 'react-hook-form'
import * as z from 'zod/mini'
import { useFormats } from '../../lib/formats.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { fieldMessage } from '../../lib/problem.ts'
import { Badge } from '../../ui/badge.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { useEntryRules, useInvitations, useInvite, useRevokeInvitation } from './people.queries.ts'
import { peopleTexts } from './people.texts.ts'

/** Links that make an account: new ones, and what became of the others. */
export function Invitations({ isOwner }: { readonly isOwner: boolean }) {
  const t = useTexts(peopleTexts)
  const rules = useEntryRules()
  const isClosed = rules.data?.registrationWays.includes('invite') === false
  return (
    <>
      <h2 id="people-invitations" className="text-lg font-semibold">
        {t('invite.title')}
      </h2>
      <p className="mb-4 text-sm text-muted">{isClosed ? t('invite.closed') : t('invite.hint')}</p>
      {!isClosed && <InviteForm isOwner={isOwner} />}
      <InvitationList />
    </>
  )
}

function InviteForm({ isOwner }: { readonly isOwner: boolean }) {
  const t = useTexts(peopleTexts)
  const { texts } = useLanguage()
  const invite = useInvite()
  const form = useForm<{ email: string; role: Role }>({
    defaultValues: { email: '', role: 'member' },
    mode: 'onTouched',
  })
  const submit = form.handleSubmit(({ email, role }) =>
    invite.mutate({ email: email.trim(), role }, { onSuccess: () => form.reset() }),
  )
  const roles = (['viewer', 'member', 'admin', 'owner'] as const).filter(
    (role) => isOwner || role !== 'owner',
  )
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <FormTextField
          control={form.control}
          name="email"
          kind="email"
          label={t('invite.email')}
          validate={(value) =>
            z.safeParse(z.email(), value.trim()).success ? undefined : 'invite.email.invalid'
          }
          explain={t}
          serverMessage={fieldMessage(invite.error, '/email', texts)}
        />
        <Controller
          control={form.control}
          name="role"
          render={({ field: { value, onChange, onBlur, ref } }) => (
            <Select
              ref={ref}
              label={t('invite.role')}
              options={roles.map((id) => ({
                id,
                label: t(`role.${id}`),
                detail: t(`role.${id}.text`),
              }))}
              value={value}
              onChange={onChange}
              onBlur={onBlur}
            />
          )}
        />
      </div>
      {invite.isError && <ProblemNotice error={invite.error} />}
      <div>
        <Button type="submit" look="primary" isPending={invite.isPending}>
          {t('invite.make')}
        </Button>
      </div>
      {invite.data !== undefined && (
        <LinkDialog
          title={t('invite.made.title', { email: invite.data.invitation.email })}
          text={t('invite.made.text')}
          path={invite.data.path}
          onClose={() => invite.reset()}
        />
      )}
    </form>
  )
}

function InvitationList() {
  const t = useTexts(peopleTexts)
  const invitations = useInvitations()
  const revoke = useRevokeInvitation()
  return (
    <section aria-labelledby="invitations-so-far" className="mt-6">
      <h3 id="invitations-so-far" className="font-semibold">
        {t('invite.list')}
      </h3>
      {invitations.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="field" />
        </>
      )}
      {invitations.isError && (
        <ProblemNotice error={invitations.error} onRetry={() => void invitations.refetch()} />
      )}
      {invitations.data?.invitations.length === 0 && (
        <p className="mt-1 text-muted">{t('invite.none')}</p>
      )}
      <ul className="flex flex-col divide-y divide-line">
        {invitations.data?.invitations.map((invitation) => (
          <InvitationRow
            key={invitation.id}
            invitation={invitation}
            isRevoking={revoke.isPending && revoke.variables === invitation.id}
            onRevoke={() => revoke.mutate(invitation.id)}
          />
        ))}
      </ul>
      {revoke.isError && <ProblemNotice error={revoke.error} />}
    </section>
  )
}

function InvitationRow({
  invitation,
  isRevoking,
  onRevoke,
}: {
  readonly invitation: Invitation
  readonly isRevoking: boolean
  readonly onRevoke: () => void
}) {
  const t = useTexts(peopleTexts)
  const formats = useFormats()
  const { email, role, state, expiresAt } = invitation
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <span className="min-w-0 flex-1 basis-48 wrap-anywhere">
        <LeftToRight>{email}</LeftToRight>
      </span>
      <span className="text-sm text-muted">{t(`role.${role}`)}</span>
      {state === 'open' ? (
        <Badge tone="accent">{t('invite.open', { date: formats.date(expiresAt) })}</Badge>
      ) : (
        <Badge>{t(`invite.${state}`)}</Badge>
      )}
      {state === 'open' && (
        <Button
          size="small"
          isPending={isRevoking}
          aria-label={t('invite.revokeOf', { email })}
          onPress={onRevoke}
        >
          {t('invite.revoke')}
        </Button>
      )}
    </li>
  )
}
