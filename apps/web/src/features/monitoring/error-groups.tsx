import type { ErrorGroup } from '@studioops/contracts/monitoring'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { monitoringTexts } from './monitoring.texts.ts'
import type { ZoneFormat } from './zone-format.ts'

const shownMax = 20

/** Errors that are one, with how often and when. */
export function ErrorGroups({
  groups,
  zone,
  onShow,
}: {
  readonly groups: readonly ErrorGroup[]
  readonly zone: ZoneFormat
  readonly onShow: (requestId: string) => void
}) {
  const t = useTexts(monitoringTexts)
  return (
    <section aria-labelledby="error-groups">
      <h2 id="error-groups" className="mb-3 text-lg font-semibold">
        {t('groups.title')}
      </h2>
      {groups.length === 0 && <p className="text-muted">{t('groups.empty')}</p>}
      {groups.length > 0 && (
        <Card isPadded={false}>
          <ul className="divide-y divide-line">
            {groups.slice(0, shownMax).map(({ fingerprint, code, place, name, ...group }) => (
              <li
                key={fingerprint}
                className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3"
              >
                <div className="flex min-w-0 flex-col gap-1">
                  <Code>{code}</Code>
                  <span className="min-w-0 text-sm break-words text-muted">
                    <bdi dir="ltr">{[name, place, group.route].filter(Boolean).join(' · ')}</bdi>
                  </span>
                </div>
                <div className="flex flex-wrap items-center gap-3">
                  <span className="font-medium">{t('groups.count', { count: group.count })}</span>
                  <span className="text-sm text-muted">
                    {t('groups.last', { time: zone.moment(group.lastAt) })}
                  </span>
                  {group.requestId !== undefined && (
                    <Button size="small" onPress={() => onShow(group.requestId ?? '')}>
                      {t('groups.show')}
                    </Button>
                  )}
                </div>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </section>
  )
}
