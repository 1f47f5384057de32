import type { Project } from '@studioops/contracts/projects'
import { Plus, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { mayEdit } from '../../lib/project.queries.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useSetBudgets } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

type Line = { readonly id: number; readonly currency: string; readonly amount: string }

const amountShape = /^\d{1,10}(\.\d{1,4})?$/

function readLines(lines: readonly Line[]) {
  const budgets = lines
    .filter(({ amount }) => amount.trim() !== '')
    .map(({ currency, amount }) => ({
      currency: currency.trim().toUpperCase(),
      amount: amount.replaceAll(/[,\s\u00a0\u202f]/g, ''),
    }))
  const isGood =
    budgets.every(
      ({ currency, amount }) => /^[A-Z]{3}$/.test(currency) && amountShape.test(amount),
    ) && new Set(budgets.map(({ currency }) => currency)).size === budgets.length
  return isGood ? budgets : undefined
}

/** What may be spent, a line for each currency. */
export function BudgetsPanel({ project }: { readonly project: Project }) {
  const t = useTexts(projectsTexts)
  const toast = useToast()
  const setting = useSetBudgets(project.id)
  const isOpen = mayEdit(project)
  const [lines, setLines] = useState<readonly Line[]>(() => {
    const own = project.budgets.map((budget, id) => ({ id, ...budget }))
    return own.length > 0 ? own : [{ id: 0, currency: 'ILS', amount: '' }]
  })
  const [isFaultShown, setIsFaultShown] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const budgets = readLines(lines)
    setIsFaultShown(budgets === undefined)
    if (budgets === undefined) return
    setting.mutate(budgets, {
      onSuccess: () => toast({ text: t('budgets.saved'), tone: 'good' }),
    })
  }
  const change = (id: number, part: Partial<Line>) =>
    setLines((all) => all.map((line) => (line.id === id ? { ...line, ...part } : line)))
  return (
    <Card as="section" labelledBy="project-budgets">
      <h2 id="project-budgets" className="mb-1 text-lg font-semibold">
        {t('budgets.title')}
      </h2>
      <p className="mb-4 text-muted">{t('budgets.text')}</p>
      <form noValidate className="flex flex-col gap-3" onSubmit={submit}>
        {setting.isError && <ProblemNotice error={setting.error} />}
        {isFaultShown && <Notice tone="bad" role="alert" title={t('budgets.fault')} />}
        {lines.map(({ id, currency, amount }) => (
          <div
            key={id}
            className="grid grid-cols-[5rem_minmax(0,1fr)_auto] items-end gap-3 sm:max-w-md"
          >
            <TextField
              kind="code"
              label={t('budgets.currency')}
              value={currency}
              isDisabled={!isOpen}
              onChange={(next) => change(id, { currency: next })}
            />
            <TextField
              kind="code"
              label={t('budgets.amount')}
              value={amount}
              isDisabled={!isOpen}
              onChange={(next) => change(id, { amount: next })}
            />
            {isOpen && (
              <IconButton
                label={t('budgets.remove', { currency })}
                icon={<Trash2 aria-hidden className="size-4" />}
                onPress={() => setLines((all) => all.filter((line) => line.id !== id))}
              />
            )}
          </div>
        ))}
        {isOpen && (
          <div className="flex flex-wrap gap-2">
            <Button type="submit" isPending={setting.isPending}>
              {t('budgets.save')}
            </Button>
            <Button
              look="quiet"
              icon={<Plus aria-hidden className="size-4" />}
              onPress={() =>
                setLines((all) => [
                  ...all,
                  { id: Math.max(-1, ...all.map((line) => line.id)) + 1, currency: '', amount: '' },
                ])
              }
            >
              {t('budgets.add')}
            </Button>
          </div>
        )}
      </form>
    </Card>
  )
}
