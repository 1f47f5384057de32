import type { Chat, ChatMessage } from '@studioops/contracts/chats'
import type { Language } from '@studioops/contracts/installation'

type Exported = { readonly fileName: string; readonly mediaType: string; readonly text: string }

const words = {
  en: {
    you: 'Question',
    model: 'Answer',
    offline: 'Answer without a model',
    sources: 'Sources',
    chat: 'Chat',
  },
  he: { you: 'שאלה', model: 'תשובה', offline: 'תשובה בלי מודל', sources: 'מקורות', chat: 'שיחה' },
} as const

/** Without what no file system takes, and without signs that turn names round (HE-8). */
function fileNameOf(title: string): string {
  const clean = title
    .replaceAll(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return clean.slice(0, 80).trim() || 'chat'
}

/** @param path of the branch that is shown, for Markdown; JSON holds the whole tree */
export function exportChat(
  chat: Chat,
  path: readonly ChatMessage[],
  { format, language }: { readonly format: 'markdown' | 'json'; readonly language: Language },
): Exported {
  const name = fileNameOf(chat.title)
  if (format === 'json') {
    const { draft: _, ...rest } = chat
    const text = JSON.stringify({ format: 'studioops-chat', version: 1, chat: rest }, null, 2)
    return { fileName: `${name}.json`, mediaType: 'application/json', text }
  }
  const title = `# ${chat.title || words[language].chat}`
  const text = [title, ...path.map((message) => markdownOf(message, language))].join('\n\n')
  return { fileName: `${name}.md`, mediaType: 'text/markdown', text: `${text}\n` }
}

function markdownOf(message: ChatMessage, language: Language): string {
  const { you, model, offline, sources } = words[language]
  const answered = message.fallback ? offline : model
  const by = message.model === undefined ? '' : ` (${message.model})`
  const head = message.role === 'user' ? `## ${you}` : `## ${answered}${by}`
  const list = message.sources.map(({ number, title, url }) =>
    url === undefined ? `[${number}] ${title}` : `[${number}] ${title} <${url}>`,
  )
  const cited = list.length === 0 ? [] : [`**${sources}**`, list.join('  \n')]
  return [head, message.text, ...cited].join('\n\n')
}
