import type { StoryTemplate, TemplateText } from '@studioops/contracts/story-templates'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useTemplateVersions } from './story-settings.queries.ts'
import { storySettingsTexts } from './story-settings.texts.ts'

/** Every version of a template, to read and to take up again. */
export function TemplateVersions({
  template,
  onUse,
  onClose,
}: {
  readonly template: StoryTemplate
  readonly onUse: (text: TemplateText) => void
  readonly onClose: () => void
}) {
  const t = useTexts(storySettingsTexts)
  const formats = useFormats()
  const versions = useTemplateVersions(template.id)
  return (
    <Dialog isOpen title={t('template.dialog.versions')} onClose={onClose}>
      {versions.isError && <ProblemNotice error={versions.error} />}
      {versions.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="field" count={2} />
        </>
      )}
      <ol reversed className="flex flex-col gap-3">
        {versions.data?.map(({ number, createdAt, ...text }) => (
          <li key={number} className="flex flex-col gap-2 rounded-field border border-line p-4">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-medium">{t('template.version', { number })}</span>
              {number === template.version && (
                <Badge tone="accent">{t('template.version.newest')}</Badge>
              )}
              <time dateTime={createdAt} className="text-sm text-muted">
                <bdi>{formats.dateTime(createdAt)}</bdi>
              </time>
            </p>
            <pre
              dir="auto"
              className="max-h-48 overflow-auto rounded-field bg-sunken p-3 text-start font-mono text-sm wrap-anywhere whitespace-pre-wrap"
            >
              {text.body}
            </pre>
            {template.isOwn && number !== template.version && (
              <div>
                <Button size="small" onPress={() => onUse(text)}>
                  {t('template.version.use', { number })}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ol>
    </Dialog>
  )
}
