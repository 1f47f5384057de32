import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Card } from '../../ui/card.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { EntryRulesForm } from './entry-rules-form.tsx'
import { Invitations } from './invitations.tsx'
import { usePeople } from './people.queries.ts'
import { peopleTexts } from './people.texts.ts'
import { PersonRow } from './person-row.tsx'

/** Everybody of the workspace, for those who run it (ID-14, ID-15). */
export function PeoplePage() {
  const t = useTexts(peopleTexts)
  const people = usePeople()
  const role = useAccount()?.role
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="flex flex-col gap-5">
        <Card as="section" labelledBy="people-list">
          <h2 id="people-list" className="mb-2 text-lg font-semibold">
            {t('people.title')}
          </h2>
          {people.isPending && (
            <>
              <LoadingStatus />
              <Skeleton shape="field" count={3} />
            </>
          )}
          {people.isError && (
            <ProblemNotice
              error={people.error}
              onRetry={() => void people.refetch()}
              isRetrying={people.isFetching}
            />
          )}
          <ul className="flex flex-col divide-y divide-line">
            {people.data?.people.map((person) => (
              <PersonRow key={person.id} person={person} isOwner={role === 'owner'} />
            ))}
          </ul>
        </Card>
        <Card as="section" labelledBy="people-invitations">
          <Invitations isOwner={role === 'owner'} />
        </Card>
        <Card as="section" labelledBy="people-rules">
          <EntryRulesForm />
        </Card>
      </div>
    </Page>
  )
}
