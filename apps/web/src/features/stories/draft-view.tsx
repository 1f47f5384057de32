import type { StoryVersion } from '@studioops/contracts/stories'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemTexts } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { type TabEntry, Tabs } from '../../ui/tabs.tsx'
import { FormattedPreview, RawPreview } from './jira-preview.tsx'
import { hasEdits, KeptEdits } from './kept-edits.tsx'
import { RefineForm } from './refine-form.tsx'
import { storiesTexts } from './stories.texts.ts'
import { SplitView } from './split-view.tsx'
import { StoryEditorForm } from './story-editor-form.tsx'
import type { StoryPanelProps } from './story-panel.tsx'
import type { StoryView as View } from './story-views.ts'
import { VersionsView } from './versions-view.tsx'

type DraftProps = StoryPanelProps & { readonly newest: StoryVersion }

/** The newest version: what Jira will get, corrections by hand, and what came before. */
export function DraftView(props: DraftProps) {
  const t = useTexts(storiesTexts)
  const { story, newest, editor, write, view, onView, isOpen } = props
  const rawTab: TabEntry<View> = {
    id: 'raw',
    title: t('view.raw'),
    content: <RawPreview story={story} />,
  }
  const editTab: TabEntry<View> = {
    id: 'edit',
    title: editor.isChanged ? t('view.edit.changed') : t('view.edit'),
    content: <StoryEditorForm story={story} editor={editor} onSaved={() => onView('preview')} />,
  }
  const { children = [] } = newest
  const splitTab: TabEntry<View> = {
    id: 'split',
    title: t('view.split'),
    content: <SplitView {...props} parts={children} />,
  }
  const tabs: readonly TabEntry<View>[] = [
    {
      id: 'preview',
      title: isOpen ? t('view.preview') : t('step.story'),
      content: <FormattedPreview story={story} newest={newest} isOpen={isOpen} />,
    },
    ...(children.length > 0 ? [splitTab] : []),
    ...(isOpen ? [rawTab, editTab] : []),
    {
      id: 'versions',
      title: t('view.versions'),
      content: <VersionsView story={story} editor={editor} isOpen={isOpen} />,
    },
  ]
  const shown = tabs.some(({ id }) => id === view) ? view : 'preview'
  return (
    <>
      <Tabs label={t('view.label')} tabs={tabs} value={shown} onChange={onView} />
      {isOpen && (
        <>
          <KeptEdits story={story} newest={newest} isBlocked={editor.isChanged} />
          <RefineForm
            write={write}
            isBlocked={editor.isChanged}
            hasEdits={hasEdits(newest)}
            canSplit={children.length === 0}
          />
        </>
      )}
    </>
  )
}

/** Says that no model wrote this, why, and what to do (D-9). */
export function OfflineNotice({ followed, write, onView }: StoryPanelProps) {
  const t = useTexts(storiesTexts)
  const { texts } = useLanguage()
  const { problem } = followed.progress
  return (
    <Notice
      tone="warn"
      title={t('offline.label')}
      actions={
        <>
          <Button size="small" onPress={() => onView('edit')}>
            {t('offline.edit')}
          </Button>
          <Button size="small" isPending={write.isPending} onPress={() => write.mutate({})}>
            {t('write.retry')}
          </Button>
        </>
      }
    >
      {problem !== undefined && (
        <p>{t('offline.why', { reason: problemTexts(problem, texts).message })}</p>
      )}
      <p>{t('offline.text')}</p>
    </Notice>
  )
}
