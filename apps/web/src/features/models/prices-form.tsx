import type { ModelPrice } from '@studioops/contracts/models'
import { Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useSetPrices } from './models.queries.ts'
import { modelsTexts } from './models.texts.ts'
import { readNumber } from './read-number.ts'

type Line = {
  readonly id: number
  readonly model: string
  readonly input: string
  readonly output: string
}

/** What models cost; what is not in the list is not counted in money. */
export function PricesForm({ prices }: { readonly prices: readonly ModelPrice[] }) {
  const t = useTexts(modelsTexts)
  const save = useSetPrices()
  const [lines, setLines] = useState<readonly Line[]>(() =>
    prices.map(({ model, input, output }, id) => ({
      id,
      model,
      input: String(input),
      output: String(output),
    })),
  )
  const [isTold, setIsTold] = useState(false)
  const change = (line: Line) => setLines(lines.map((one) => (one.id === line.id ? line : one)))
  const nextId = Math.max(-1, ...lines.map(({ id }) => id)) + 1
  const send = (event: FormEvent) => {
    event.preventDefault()
    const read = lines.map(readLine)
    setIsTold(read.includes(undefined))
    const whole = read.filter((price) => price !== undefined)
    if (whole.length === lines.length) save.mutate(whole)
  }
  return (
    <Card as="section" labelledBy="models-prices">
      <h2 id="models-prices" className="text-lg font-semibold">
        {t('prices.title')}
      </h2>
      <p className="mb-4 text-muted">{t('prices.lead')}</p>
      <form noValidate onSubmit={send} className="flex flex-col gap-4">
        {lines.map((line, index) => (
          <PriceLine
            key={line.id}
            line={line}
            number={index + 1}
            isTold={isTold}
            onChange={change}
            onRemove={() => setLines(lines.filter(({ id }) => id !== line.id))}
          />
        ))}
        {save.error !== null && <ProblemNotice error={save.error} />}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            onPress={() => setLines([...lines, { id: nextId, model: '', input: '', output: '' }])}
          >
            {t('prices.add')}
          </Button>
          <Button type="submit" isPending={save.isPending}>
            {t('save')}
          </Button>
          <span role="status">{save.isSuccess ? t('saved') : ''}</span>
        </div>
      </form>
    </Card>
  )
}

function readLine({ model, input, output }: Line): ModelPrice | undefined {
  const [read, written] = [readNumber(input), readNumber(output)]
  if (model.trim() === '' || typeof read !== 'number' || typeof written !== 'number')
    return undefined
  return { model: model.trim(), input: read, output: written }
}

type LineProps = {
  readonly line: Line
  readonly number: number
  readonly isTold: boolean
  readonly onChange: (line: Line) => void
  readonly onRemove: () => void
}

function PriceLine({ line, number, isTold, onChange, onRemove }: LineProps) {
  const t = useTexts(modelsTexts)
  const wrong = (text: string) =>
    isTold && typeof readNumber(text) !== 'number' ? t('number.wrong') : undefined
  return (
    <div className="flex flex-wrap items-end gap-3">
      <TextField
        label={t('prices.model')}
        value={line.model}
        onChange={(model) => onChange({ ...line, model })}
        error={isTold && line.model.trim() === '' ? t('add.missing') : undefined}
        kind="code"
        autoComplete="off"
      />
      <TextField
        label={t('prices.input')}
        value={line.input}
        onChange={(input) => onChange({ ...line, input })}
        error={wrong(line.input)}
        kind="code"
        autoComplete="off"
      />
      <TextField
        label={t('prices.output')}
        value={line.output}
        onChange={(output) => onChange({ ...line, output })}
        error={wrong(line.output)}
        kind="code"
        autoComplete="off"
      />
      <IconButton
        label={t('prices.remove', { name: line.model === '' ? String(number) : line.model })}
        icon={<Trash2 aria-hidden className="size-5" />}
        onPress={onRemove}
      />
    </div>
  )
}
