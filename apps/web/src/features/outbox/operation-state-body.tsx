import type { Operation } from '@studioops/contracts/operations'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { OperationChoices } from './operation-choices.tsx'
import { OperationFact } from './operation-fact.tsx'
import { useOperationWords } from './operation-words.ts'
import type { Deed } from './outbox.queries.ts'
import { outboxTexts } from './outbox.texts.ts'

type BodyProps = { readonly operation: Operation; readonly deed: Deed }

/** What the state of a write means, and what there is to decide. */
export function OperationStateBody({ operation, deed }: BodyProps) {
  const t = useTexts(outboxTexts)
  const words = useOperationWords(operation)
  const isChange = operation.thing === 'change'
  switch (operation.state) {
    case 'planned':
      return <PlannedBody operation={operation} />
    case 'attempting':
      return <p>{t(isChange ? 'attempting.change' : 'attempting.text', words)}</p>
    case 'done':
      return <DoneBody operation={operation} />
    case 'refused':
      return <RefusedBody operation={operation} />
    case 'unknown':
      return <p>{t('unknown.text', words)}</p>
    case 'needs-user':
      return <OperationChoices operation={operation} deed={deed} />
    case 'cancelled':
      return <p>{t('cancelled.text')}</p>
    case 'partial':
      return undefined
  }
}

function PlannedBody({ operation }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  const { system } = useOperationWords(operation)
  const { problem, ahead = 0, waitsForSteps } = operation
  if (waitsForSteps === true) return <p>{t('planned.steps')}</p>
  if (problem === undefined && ahead > 0)
    return <p>{t('planned.behind', { count: ahead, system })}</p>
  if (problem === undefined) return <p>{t('planned.text', { system })}</p>
  return (
    <>
      <p>{t('planned.away', { system })}</p>
      <ProblemNotice tone="warn" error={problem} />
    </>
  )
}

function RefusedBody({ operation }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  const words = useOperationWords(operation)
  const { problem, storyId, thing } = operation
  return (
    <>
      <p>{t(thing === 'change' ? 'refused.change' : 'refused.text', words)}</p>
      {problem !== undefined && <ProblemNotice error={problem} />}
      <p>{t(storyId === undefined ? 'refused.next' : 'refused.story')}</p>
    </>
  )
}

function DoneBody({ operation }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  const words = useOperationWords(operation)
  const { key, url } = operation
  return (
    <>
      <p>{t('done.text', words)}</p>
      <dl className="flex flex-col gap-1">
        {key !== undefined && (
          <OperationFact name={t('done.key')}>
            <Code>{key}</Code>
            <CopyButton text={key} object={t('done.key')} />
          </OperationFact>
        )}
        {url !== undefined && (
          <OperationFact name={t('done.link')}>
            <OutsideLink href={url}>
              <LeftToRight>{url}</LeftToRight>
            </OutsideLink>
            <CopyButton text={url} object={t('done.link')} />
          </OperationFact>
        )}
      </dl>
    </>
  )
}
