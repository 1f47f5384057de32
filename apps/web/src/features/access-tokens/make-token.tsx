import { type AccessScope, accessScope } from '@studioops/contracts/access-tokens'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useCreateAccessToken } from './access-tokens.queries.ts'
import { accessTokensTexts } from './access-tokens.texts.ts'

const dayChoices = [7, 30, 90, 365] as const

/** The form of a new token; after it the token, this once. */
export function MakeToken() {
  const t = useTexts(accessTokensTexts)
  const [secret, setSecret] = useState<string>()
  return (
    <>
      <h2 id="programs-make" className="mb-3 text-lg font-semibold">
        {t('make.title')}
      </h2>
      {secret === undefined ? (
        <TokenForm onMade={setSecret} />
      ) : (
        <div className="flex flex-col items-start gap-4">
          <Notice tone="warn" role="alert" title={t('made.title')}>
            {t('made.text')}
          </Notice>
          <Code>{secret}</Code>
          <div className="flex flex-wrap items-center gap-2">
            <Button look="primary" onPress={() => setSecret(undefined)}>
              {t('made.done')}
            </Button>
            <CopyButton text={secret} object={t('made.object')} />
          </div>
        </div>
      )}
    </>
  )
}

function TokenForm({ onMade }: { readonly onMade: (secret: string) => void }) {
  const t = useTexts(accessTokensTexts)
  const create = useCreateAccessToken()
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const [scopes, setScopes] = useState<readonly AccessScope[]>(['stories.read', 'waiting.read'])
  const [isTold, setIsTold] = useState(false)
  const isComplete = name.trim() !== '' && scopes.length > 0
  const send = (event: FormEvent) => {
    event.preventDefault()
    setIsTold(!isComplete)
    if (!isComplete) return
    const body = { name: name.trim(), scopes: [...scopes], days: Number(days) }
    create.mutate(body, { onSuccess: (made) => onMade(made.secret) })
  }
  const choose = (scope: AccessScope, isChosen: boolean) =>
    setScopes(isChosen ? [...scopes, scope] : scopes.filter((one) => one !== scope))
  return (
    <form noValidate onSubmit={send} className="flex flex-col items-stretch gap-4">
      <TextField
        label={t('make.name')}
        description={t('make.name.hint')}
        value={name}
        onChange={setName}
        autoComplete="off"
        isRequired
        error={isTold && name.trim() === '' ? t('make.name.missing') : undefined}
      />
      <Select
        label={t('make.days')}
        value={days}
        onChange={setDays}
        options={dayChoices.map((count) => ({
          id: String(count),
          label: t('make.days.option', { count }),
        }))}
      />
      <fieldset className="flex flex-col">
        <legend className="font-medium">{t('make.scopes')}</legend>
        {accessScope.options.map((scope) => (
          <Checkbox
            key={scope}
            isSelected={scopes.includes(scope)}
            onChange={(isChosen) => choose(scope, isChosen)}
          >
            {t(`scope.${scope}`)}
          </Checkbox>
        ))}
        {isTold && scopes.length === 0 && (
          <p role="alert" className="text-sm text-bad-ink">
            {t('make.scopes.missing')}
          </p>
        )}
      </fieldset>
      {create.error !== null && <ProblemNotice error={create.error} />}
      <div>
        <Button type="submit" look="primary" isPending={create.isPending}>
          {t('make.do')}
        </Button>
      </div>
    </form>
  )
}
