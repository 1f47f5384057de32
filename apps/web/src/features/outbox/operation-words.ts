import type { Operation } from '@studioops/contracts/operations'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { outboxTexts } from './outbox.texts.ts'

/** The words that a sentence about a write needs: which system, and what is made there. */
export function useOperationWords({ system, thing }: Pick<Operation, 'system' | 'thing'>) {
  const t = useTexts(outboxTexts)
  return {
    system: t(`system.${system ?? 'other'}`),
    thing: t(`thing.${thing ?? 'change'}`),
  }
}

/** The word on the badge of its state. */
export function useStateWord(operation: Pick<Operation, 'system' | 'thing' | 'state' | 'kind'>) {
  const t = useTexts(outboxTexts)
  const { system } = useOperationWords(operation)
  const { state, kind, thing } = operation
  if (state === 'done' && kind === 'group') return t('state.all-done')
  if (state === 'done' && thing === 'change') return t('state.changed', { system })
  return t(`state.${state}`, { system })
}
