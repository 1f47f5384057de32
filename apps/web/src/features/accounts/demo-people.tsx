import type { Installation } from '@studioops/contracts/installation'
import { CircleOff, Trash2, UserCheck } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { type Control, useWatch } from 'react-hook-form'
import { classNames } from '../../lib/class-names.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Badge } from '../../ui/badge.tsx'
import { accountsTexts } from './accounts.texts.ts'
import type { JiraValues } from './jira-step.tsx'

type Person = NonNullable<Installation['demo']>['people'][number]

/** The people of the demo as cards: one press fills in the token, also of those who are refused. */
export function DemoPeople({
  people,
  control,
  onPick,
}: {
  readonly people: readonly Person[]
  readonly control: Control<JiraValues>
  readonly onPick: (token: string) => void
}) {
  const t = useTexts(accountsTexts)
  const token = useWatch({ control, name: 'token' })
  return (
    <section aria-labelledby="demo-people">
      <h2 id="demo-people" className="font-semibold">
        {t('register.people')}
      </h2>
      <p className="mb-3 text-sm text-muted">{t('register.people.hint')}</p>
      <ul className="grid gap-2 sm:grid-cols-2">
        {people.map((person) => (
          <li key={person.employeeId}>
            <PersonCard
              person={person}
              isChosen={person.token === token}
              onPick={() => onPick(person.token)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

function PersonCard({
  person,
  isChosen,
  onPick,
}: {
  readonly person: Person
  readonly isChosen: boolean
  readonly onPick: () => void
}) {
  const { texts } = useLanguage()
  return (
    <AriaButton
      aria-pressed={isChosen}
      onPress={onPick}
      className={classNames(
        'flex h-full w-full cursor-pointer items-center gap-3 rounded-card border px-3 py-2.5 text-start transition-colors',
        isChosen
          ? 'border-accent-ink bg-accent-soft'
          : 'border-edge/60 bg-surface hover:border-edge hover:bg-hover',
      )}
    >
      <Avatar name={person.displayName} />
      <span className="min-w-0 flex-1">
        <span className="block font-medium">
          <bdi>{person.displayName}</bdi>
        </span>
        <span className="block text-sm text-muted">{person.title[texts]}</span>
        <PersonState person={person} />
      </span>
    </AriaButton>
  )
}

function PersonState({ person: { registered, state } }: { readonly person: Person }) {
  const t = useTexts(accountsTexts)
  if (!registered && state === 'active') return undefined
  return (
    <span className="mt-1.5 block">
      {registered ? (
        <Badge tone="good" icon={UserCheck}>
          {t('person.registered')}
        </Badge>
      ) : (
        <Badge icon={state === 'deleted' ? Trash2 : CircleOff}>{t(`person.${state}`)}</Badge>
      )}
    </span>
  )
}
