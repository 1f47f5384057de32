import type { StoryChild } from '@studioops/contracts/story-content'
import type { CoverageRow } from '@studioops/contracts/story-split'
import { Check, CircleX, Minus } from 'lucide-react'
import { useId } from 'react'
import { isolated } from '../../lib/i18n/i18n.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { splitTexts } from './split.texts.ts'

type TableProps = {
  readonly rows: readonly CoverageRow[]
  readonly parts: readonly StoryChild[]
  /** Puts a lost criterion into a part; absent where nothing can be changed. */
  readonly onPut: ((criterion: string, child: number) => void) | undefined
  readonly isPending: boolean
}

/** Criteria of the whole story by the parts that have them; what is lost is said first. */
export function CoverageTable({ rows, parts, onPut, isPending }: TableProps) {
  const t = useTexts(splitTexts)
  const headingId = useId()
  const lost = rows.filter((row) => row.children.length === 0).length
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <h3 id={headingId} className="font-semibold">
        {t('matrix.title')}
      </h3>
      <p role="status" className={lost === 0 ? 'text-good-ink' : 'text-bad-ink'}>
        {lost === 0 ? t('matrix.whole') : t('matrix.lost', { count: lost })}
      </p>
      <div
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- A region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        role="region"
        aria-labelledby={headingId}
        className="overflow-x-auto rounded-card border border-line bg-surface"
      >
        <table className="w-full border-collapse text-sm">
          <thead>
            <tr className="border-b border-line">
              <th scope="col" className="min-w-40 px-3 py-2 text-start font-medium">
                {t('matrix.criterion')}
              </th>
              {parts.map((_, index) => (
                <th key={index} scope="col" className="px-3 py-2 text-center font-medium">
                  {t('matrix.child', { number: index + 1 })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map((row) => (
              <Row key={row.index} {...{ row, parts, onPut, isPending }} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function Row({
  row: { criterion, children: homes },
  parts,
  onPut,
  isPending,
}: Omit<TableProps, 'rows'> & { readonly row: CoverageRow }) {
  const t = useTexts(splitTexts)
  const isLost = homes.length === 0
  return (
    <tr className={isLost ? 'bg-bad-soft' : undefined}>
      <th scope="row" className="px-3 py-2 text-start font-normal wrap-anywhere">
        <bdi>{criterion}</bdi>
        {isLost && (
          <span className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="inline-flex items-center gap-1.5 font-medium text-bad-ink">
              <CircleX aria-hidden className="size-4" />
              {t('matrix.lost.sign')}
            </span>
            {onPut !== undefined && (
              <Menu
                label={t('matrix.put.short')}
                placement="bottom start"
                trigger={
                  <Button
                    size="small"
                    isDisabled={isPending}
                    aria-label={t('matrix.put', { criterion })}
                  >
                    {t('matrix.put.short')}
                  </Button>
                }
              >
                {parts.map(({ content }, index) => (
                  <MenuItem key={index} onAction={() => onPut(criterion, index)}>
                    {t('child.title', { number: index + 1 })} <bdi>{isolated(content.summary)}</bdi>
                  </MenuItem>
                ))}
              </Menu>
            )}
          </span>
        )}
      </th>
      {parts.map((_, index) => (
        <td key={index} className="px-3 py-2 text-center">
          <Sign isThere={homes.includes(index)} />
        </td>
      ))}
    </tr>
  )
}

function Sign({ isThere }: { readonly isThere: boolean }) {
  const t = useTexts(splitTexts)
  const Icon = isThere ? Check : Minus
  return (
    <>
      <Icon
        aria-hidden
        className={isThere ? 'inline size-4 text-good-ink' : 'inline size-4 text-muted'}
      />
      <VisuallyHidden>{isThere ? t('matrix.has') : t('matrix.not')}</VisuallyHidden>
    </>
  )
}
