import type { RuleParam } from '@studioops/contracts/story-rule'
import { useState } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Checkbox } from '../../ui/checkbox.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { storyRulesTexts } from './story-rules.texts.ts'

type FieldProps<P extends RuleParam = RuleParam> = {
  readonly param: P
  readonly value: unknown
  readonly isFaulty: boolean
  readonly onChange: (value: unknown) => void
}

type Of<K extends RuleParam['kind']> = FieldProps<Extract<RuleParam, { kind: K }>>

/** One parameter of a rule, as its kind asks for it. */
export function ParamField(props: FieldProps) {
  const { param, ...rest } = props
  if (param.kind === 'number') return <NumberField param={param} {...rest} />
  if (param.kind === 'words') return <WordsField param={param} {...rest} />
  return <ChoicesField param={param} {...rest} />
}

function NumberField({ param, value, isFaulty, onChange }: Of<'number'>) {
  const t = useTexts(storyRulesTexts)
  const language = useLanguage().texts
  const [text, setText] = useState(typeof value === 'number' ? String(value) : '')
  const { min, max } = param
  return (
    <div className="max-w-60">
      <TextField
        label={param.label[language]}
        value={text}
        onChange={(next) => {
          setText(next)
          onChange(next.trim() === '' ? undefined : Number(next.trim().replace(',', '.')))
        }}
        error={isFaulty || text.trim() === '' ? t('edit.number.bad', { min, max }) : undefined}
      />
    </div>
  )
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

function WordsField({ param, value, onChange }: Of<'words'>) {
  const t = useTexts(storyRulesTexts)
  const language = useLanguage().texts
  const [text, setText] = useState(listOf(value).join('\n'))
  return (
    <TextArea
      label={param.label[language]}
      description={t('edit.words.hint')}
      rows={3}
      value={text}
      onChange={(next) => {
        setText(next)
        const lines = next.split('\n').map((line) => line.trim())
        onChange(lines.filter((line) => line !== ''))
      }}
    />
  )
}

function ChoicesField({ param, value, onChange }: Of<'choices'>) {
  const language = useLanguage().texts
  const chosen = listOf(value)
  return (
    <fieldset className="flex flex-col">
      <legend className="mb-1 text-sm font-medium">{param.label[language]}</legend>
      {param.options.map((option) => (
        <Checkbox
          key={option.value}
          isSelected={chosen.includes(option.value)}
          onChange={(isSelected) =>
            onChange(
              isSelected
                ? [...chosen, option.value]
                : chosen.filter((each) => each !== option.value),
            )
          }
        >
          {option.label[language]}
        </Checkbox>
      ))}
    </fieldset>
  )
}
