import type { Answer } from '../answer.ts'
import { CommandError } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { makeMigration } from '../new-migration.ts'

export type NewOptions = { readonly why?: string; readonly after?: readonly string[] }

/** Makes an empty migration. Needs no database. */
export async function newMigration(
  { directory, voice }: Context,
  name: string,
  { why, after }: NewOptions,
): Promise<Answer> {
  const { words } = voice
  const made = await makeMigration({ directory, name, why, after })
  switch (made.kind) {
    case 'bad-name': {
      const { because, remedy } = words.badName
      throw new CommandError(exitCodes.refused, { because: because(name), remedy })
    }
    case 'mixed-prefixes':
      throw new CommandError(exitCodes.refused, words.mixedPrefixes)
    case 'exists': {
      const { because, remedy } = words.exists
      throw new CommandError(exitCodes.refused, { because: because(made.file), remedy })
    }
    case 'made':
      return {
        exitCode: exitCodes.done,
        data: { migration: made.id, file: made.file },
        text: words.made(made.file),
        next: [{ command: 'plan', says: words.nextSteps.edit }],
      }
  }
}
