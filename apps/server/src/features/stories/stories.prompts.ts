import { randomUUID } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { StoryPrompt } from '@studioops/contracts/story-prompts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import * as store from './stories.prompts.store.ts'

/** A prompt of prompts.json, in both languages. */
export type CompanyPrompt = {
  readonly id: string
  readonly title: Readonly<Record<Language, string>>
  readonly text: Readonly<Record<Language, string>>
}

type Dependencies = {
  readonly database: Database
  readonly companyPrompts: () => readonly CompanyPrompt[]
}

type Words = { readonly title: string; readonly text: string }

const defaultTitle = { en: 'Default', he: 'ברירת מחדל' } as const

/** What may be said to the model besides the rules: nothing, a prompt of the company, an own one (STY-3). */
export function createStoryPrompts({ database, companyPrompts }: Dependencies) {
  const requireOne = async (db: Db, id: string) => {
    const row = await store.findPrompt(db, id)
    if (row === undefined) throw new AppError('story.prompt-not-found')
    return present(row)
  }

  return {
    async list(userId: string, language: Language): Promise<StoryPrompt[]> {
      const rows = await database.asUser(userId, store.listPrompts)
      return [
        { ref: 'default', title: defaultTitle[language], text: '' },
        ...companyPrompts().map(({ id, title, text }) => ({
          ref: `company:${id}`,
          title: title[language],
          text: text[language],
        })),
        ...rows.map(present),
      ]
    },

    /** @throws AppError `story.too-many-prompts` */
    create: (userId: string, words: Words): Promise<StoryPrompt> =>
      database.asUser(userId, async (db) => {
        if ((await store.listPrompts(db)).length >= limits.promptsMax)
          throw new AppError('story.too-many-prompts', { facts: { max: limits.promptsMax } })
        const id = randomUUID()
        await store.insertPrompt(db, { ...words, id, userId })
        return requireOne(db, id)
      }),

    /** @throws AppError `story.prompt-not-found` */
    change: (userId: string, id: string, words: Words): Promise<StoryPrompt> =>
      database.asUser(userId, async (db) => {
        if (!(await store.changePrompt(db, id, words))) throw new AppError('story.prompt-not-found')
        return requireOne(db, id)
      }),

    /** @throws AppError `story.prompt-not-found` */
    async remove(userId: string, id: string): Promise<void> {
      const isGone = await database.asUser(userId, (db) => store.deletePrompt(db, id))
      if (!isGone) throw new AppError('story.prompt-not-found')
    },

    /** What the model is told for a story; empty for the default and for one that is gone. */
    async textOf(db: Db, ref: string, language: Language): Promise<string> {
      const [kind, id = ''] = ref.split(':')
      if (kind === 'company')
        return companyPrompts().find((prompt) => prompt.id === id)?.text[language] ?? ''
      if (kind === 'own') return (await store.findPrompt(db, id))?.text ?? ''
      return ''
    },
  }
}

export type StoryPrompts = ReturnType<typeof createStoryPrompts>

function present({ id, title, text, updated_at: at }: store.PromptRow): StoryPrompt {
  return { ref: `own:${id}`, id, title, text, updatedAt: at.toISOString() }
}
