import type { Role } from '@studioops/contracts/accounts'
import type { Person } from '@studioops/contracts/people'
import { CircleOff, Ellipsis, ShieldCheck, TriangleAlert, Unplug } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Badge } from '../../ui/badge.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { type Deed, useDecide, useOfferReset } from './people.queries.ts'
import { peopleTexts } from './people.texts.ts'

const roles = ['owner', 'admin', 'member', 'viewer'] as const satisfies readonly Role[]

/** One person: states, the role, and what can be decided. Owners are decided about by owners. */
export function PersonRow({
  person,
  isOwner,
}: {
  readonly person: Person
  readonly isOwner: boolean
}) {
  const t = useTexts(peopleTexts)
  const decide = useDecide(person.id)
  const isMine = isOwner || person.role !== 'owner'
  const offered = roles.filter((role) => isOwner || role !== 'owner' || person.role === 'owner')
  return (
    <li className="flex flex-col gap-3 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <Avatar name={person.displayName} />
        <div className="min-w-0 flex-1 basis-56">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            <bdi>{person.displayName}</bdi>
            {person.isYou && <Badge tone="accent">{t('people.you')}</Badge>}
          </p>
          <p className="text-sm wrap-anywhere text-muted">
            <LeftToRight>{person.email}</LeftToRight>
          </p>
          <Seen person={person} />
        </div>
        <div className="flex min-w-0 items-center gap-2">
          <div className="w-44">
            <Select
              label={t('people.role', { name: person.displayName })}
              isLabelHidden
              isDisabled={!isMine || decide.isPending}
              value={person.role}
              options={offered.map((id) => ({
                id,
                label: t(`role.${id}`),
                detail: t(`role.${id}.text`),
              }))}
              onChange={(role) => {
                if (role !== person.role) decide.mutate({ kind: 'change', body: { role } })
              }}
            />
          </div>
          {isMine && <Deeds person={person} decide={decide} />}
        </div>
      </div>
      <States person={person} />
      {decide.isError && <ProblemNotice error={decide.error} />}
    </li>
  )
}

function Seen({ person }: { readonly person: Person }) {
  const t = useTexts(peopleTexts)
  const formats = useFormats()
  return (
    <p className="flex flex-wrap gap-x-3 text-sm text-muted">
      <span>
        {person.lastSeenAt === undefined
          ? t('people.never')
          : t('people.seen', { when: formats.dateTime(person.lastSeenAt) })}
      </span>
      {person.sessions > 0 && <span>{t('people.sessions', { count: person.sessions })}</span>}
    </p>
  )
}

function isNamed(system: string): system is 'jira' | 'model' | 'confluence' | 'trello' {
  return ['jira', 'model', 'confluence', 'trello'].includes(system)
}

function States({ person }: { readonly person: Person }) {
  const t = useTexts(peopleTexts)
  const formats = useFormats()
  const { isDisabled, hasSecondFactor, hasJira, broken } = person
  if (!isDisabled && !hasSecondFactor && hasJira && broken.length === 0) return undefined
  return (
    <p className="flex flex-wrap gap-2">
      {isDisabled && <Badge icon={CircleOff}>{t('people.disabled')}</Badge>}
      {hasSecondFactor && (
        <Badge tone="good" icon={ShieldCheck}>
          {t('people.factor')}
        </Badge>
      )}
      {!hasJira && <Badge icon={Unplug}>{t('people.noJira')}</Badge>}
      {broken.map(({ system, since }) => (
        <Badge key={system} tone="warn" icon={TriangleAlert}>
          {t('people.broken', {
            system: isNamed(system) ? t(`system.${system}`) : system,
            date: formats.date(since),
          })}
        </Badge>
      ))}
    </p>
  )
}

type Question = 'disable' | 'removeFactor'

function Deeds({
  person,
  decide,
}: {
  readonly person: Person
  readonly decide: ReturnType<typeof useDecide>
}) {
  const t = useTexts(peopleTexts)
  const formats = useFormats()
  const offer = useOfferReset(person.id)
  const [question, setQuestion] = useState<Question>()
  const { displayName: name } = person
  const confirm = () => {
    // Closed first: the question for the password is a dialog of its own.
    setQuestion(undefined)
    if (question === 'disable') decide.mutate({ kind: 'change', body: { isDisabled: true } })
    else decide.mutate({ kind: 'remove-factor' })
  }
  return (
    <>
      <DeedMenu
        person={person}
        onDeed={(deed) => decide.mutate(deed)}
        onReset={() => offer.mutate()}
        onAsk={setQuestion}
      />
      {question !== undefined && (
        <ConfirmDialog
          isOpen
          title={t(`ask.${question}.title`, { name })}
          confirmLabel={question === 'disable' ? t('do.disable') : t('do.removeFactor')}
          onConfirm={confirm}
          onClose={() => setQuestion(undefined)}
        >
          <p>{t(`ask.${question}.text`)}</p>
        </ConfirmDialog>
      )}
      {offer.isError && <ProblemNotice error={offer.error} />}
      {offer.data !== undefined && (
        <LinkDialog
          title={t('reset.title', { name })}
          text={t('reset.text', { time: formats.time(offer.data.expiresAt) })}
          path={offer.data.path}
          onClose={() => offer.reset()}
        />
      )}
    </>
  )
}

function DeedMenu({
  person,
  onDeed,
  onReset,
  onAsk,
}: {
  readonly person: Person
  readonly onDeed: (deed: Deed) => void
  readonly onReset: () => void
  readonly onAsk: (question: Question) => void
}) {
  const t = useTexts(peopleTexts)
  const name = person.displayName
  return (
    <Menu
      label={t('people.more', { name })}
      trigger={
        <IconButton
          label={t('people.more', { name })}
          icon={<Ellipsis aria-hidden className="size-5" />}
        />
      }
    >
      {person.sessions > 0 && (
        <MenuItem onAction={() => onDeed({ kind: 'end-sessions' })}>{t('do.endSessions')}</MenuItem>
      )}
      {!person.isDisabled && <MenuItem onAction={onReset}>{t('do.reset')}</MenuItem>}
      {person.hasSecondFactor && (
        <MenuItem onAction={() => onAsk('removeFactor')}>{t('do.removeFactor')}</MenuItem>
      )}
      {person.isDisabled && (
        <MenuItem onAction={() => onDeed({ kind: 'change', body: { isDisabled: false } })}>
          {t('do.enable')}
        </MenuItem>
      )}
      {!person.isDisabled && !person.isYou && (
        <MenuItem isDanger onAction={() => onAsk('disable')}>
          {t('do.disable')}
        </MenuItem>
      )}
    </Menu>
  )
}
