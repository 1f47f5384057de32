import { Trash2 } from 'lucide-react'
import { useForm } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useSaveJiraBaseUrls } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { addressFault, webAddress } from './section-values.ts'

/** Which Jira people may connect; nobody can name another one (D-2). */
export function JiraAddresses({
  urls,
  isFixed,
}: {
  readonly urls: readonly string[]
  /** In the demo there is the simulated one. */
  readonly isFixed: boolean
}) {
  const t = useTexts(connectionsTexts)
  const save = useSaveJiraBaseUrls()
  const form = useForm({ defaultValues: { url: '' }, mode: 'onTouched' })
  const change = (next: readonly string[], then?: () => void) =>
    save.mutate({ body: { urls: [...next] } }, { onSuccess: () => then?.() })
  const add = form.handleSubmit(({ url }) =>
    change([...urls, webAddress(url) ?? url], () => form.reset()),
  )
  return (
    <Card as="section" labelledBy="jira-addresses">
      <h2 id="jira-addresses" className="text-lg font-semibold">
        {t('jiraUrls.title')}
      </h2>
      <p className="mt-1 mb-4 text-muted">{t(isFixed ? 'jiraUrls.fixed' : 'jiraUrls.hint')}</p>
      {urls.length === 0 ? (
        <p className="text-muted">{t('jiraUrls.none')}</p>
      ) : (
        <ul aria-label={t('jiraUrls.title')} className="flex flex-col gap-1">
          {urls.map((url) => (
            <li key={url} className="flex min-h-9 items-center gap-2 max-md:min-h-11">
              <span className="min-w-0 break-all">
                <LeftToRight>{url}</LeftToRight>
              </span>
              {!isFixed && (
                <IconButton
                  size="small-icon"
                  label={t('jiraUrls.remove', { url })}
                  icon={<Trash2 aria-hidden className="size-4" />}
                  onPress={() => change(urls.filter((one) => one !== url))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {save.isError && <ProblemNotice error={save.error} />}
      {!isFixed && (
        <form noValidate onSubmit={(event) => void add(event)} className="mt-4 flex flex-col gap-3">
          <FormTextField
            control={form.control}
            name="url"
            kind="url"
            label={t('jiraUrls.new')}
            validate={addressFault}
            explain={t}
          />
          <div>
            <Button type="submit" isPending={save.isPending}>
              {t('jiraUrls.add')}
            </Button>
          </div>
        </form>
      )}
    </Card>
  )
}
