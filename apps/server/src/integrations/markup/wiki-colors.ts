import type { PanelKind } from './document.ts'

/** How Jira Cloud writes its panels in wiki markup, and reads them back. */
export const wikiPanelColors: Readonly<Record<Exclude<PanelKind, 'custom'>, string>> = {
  info: '#deebff',
  note: '#eae6ff',
  success: '#e3fcef',
  warning: '#fffae6',
  error: '#ffebe6',
}
