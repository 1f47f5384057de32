import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAddProvider } from './models.queries.ts'
import { modelsTexts } from './models.texts.ts'

const empty = { name: '', baseUrl: '', model: '', key: '' }

/** A model that everybody may ask, with a key of the workspace. */
export function AddProvider() {
  const t = useTexts(modelsTexts)
  const add = useAddProvider()
  const [form, setForm] = useState(empty)
  const [isTold, setIsTold] = useState(false)
  const change = (member: keyof typeof empty) => (value: string) =>
    setForm({ ...form, [member]: value })
  const missing = (member: 'name' | 'baseUrl' | 'model') =>
    isTold && form[member].trim() === '' ? t('add.missing') : undefined
  const send = (event: FormEvent) => {
    event.preventDefault()
    const { key, ...needed } = form
    const isComplete = Object.values(needed).every((value) => value.trim() !== '')
    setIsTold(!isComplete)
    if (!isComplete) return
    add.mutate(key.trim() === '' ? needed : { ...needed, key }, {
      onSuccess: () => setForm(empty),
    })
  }
  return (
    <Card as="section" labelledBy="models-add">
      <h2 id="models-add" className="text-lg font-semibold">
        {t('add.title')}
      </h2>
      <p className="mb-4 text-muted">{t('add.lead')}</p>
      <form noValidate onSubmit={send} className="flex flex-col gap-4">
        <TextField
          label={t('add.name')}
          value={form.name}
          onChange={change('name')}
          error={missing('name')}
          autoComplete="off"
          isRequired
        />
        <TextField
          label={t('add.url')}
          kind="url"
          description={t('add.url.hint')}
          value={form.baseUrl}
          onChange={change('baseUrl')}
          error={missing('baseUrl')}
          autoComplete="off"
          isRequired
        />
        <TextField
          label={t('add.model')}
          value={form.model}
          onChange={change('model')}
          error={missing('model')}
          kind="code"
          autoComplete="off"
          isRequired
        />
        <TextField
          label={t('add.key')}
          description={t('add.key.hint')}
          value={form.key}
          onChange={change('key')}
          kind="token"
          autoComplete="off"
        />
        {add.error !== null && <ProblemNotice error={add.error} />}
        <div>
          <Button type="submit" look="primary" isPending={add.isPending}>
            {t('add.do')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
