import { safeCell, writeCsv } from '../../platform/values/csv.ts'
import { storyMarkdown } from './stories.payload.ts'
import { childrenOf, contentOf, type Whole } from './stories.whole.ts'
import type { StoryContent } from '@studioops/contracts/story-content'

const columns = [
  'Project',
  'Issue Type',
  'Summary',
  'Description',
  'Story Points',
  'Parent',
  'Acceptance Criteria',
] as const

/** Stories as a table that Jira's own import of CSV reads, or as Markdown; each child by itself. */
export function exportStories(wholes: readonly Whole[], format: 'csv' | 'markdown') {
  const written = wholes.flatMap((whole) => {
    const newest = whole.versions.at(-1)
    return newest === undefined ? [] : [{ whole, newest }]
  })
  if (format === 'markdown')
    return {
      fileName: 'stories.md',
      mediaType: 'text/markdown; charset=utf-8',
      text: written
        .map(({ whole, newest }) => {
          const content = contentOf(newest)
          const children = childrenOf(newest).map((child) => child.content)
          // The column's check constraint lists exactly these.
          const language = whole.story.language as 'en' | 'he'
          return `# ${content.summary}\n\n${storyMarkdown(content, { language, children })}\n`
        })
        .join('\n---\n\n'),
    }
  const rows = written.flatMap(({ whole, newest }) => {
    const content = contentOf(newest)
    const row = (story: StoryContent, parent: string) => [
      whole.story.project_key ?? '',
      whole.story.issue_type ?? '',
      story.summary,
      storyMarkdown(story, { language: whole.story.language as 'en' | 'he' }),
      String(story.storyPoints),
      parent,
      story.acceptanceCriteria.join('\n'),
    ]
    const parts = childrenOf(newest).map((child) => row(child.content, content.summary))
    return [row(content, ''), ...parts]
  })
  return {
    fileName: 'stories.csv',
    mediaType: 'text/csv; charset=utf-8',
    text: writeCsv([[...columns], ...rows.map((row) => row.map(safeCell))]),
  }
}
