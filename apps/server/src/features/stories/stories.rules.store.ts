import { randomUUID } from 'node:crypto'
import type { RuleLayer, RuleSetting } from '@studioops/contracts/story-rules'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** What every layer says that counts for the person, in a project where one is named. */
export async function listRuleSettings(db: Db, projectId: string | undefined) {
  return db
    .selectFrom('story_rule_settings')
    .select(['layer', 'rule', 'mode', 'params', 'is_locked'])
    .where((where) =>
      where.or([
        where('layer', '=', 'workspace'),
        where('user_id', '=', transactionUser),
        ...(projectId === undefined ? [] : [where('project_id', '=', projectId)]),
      ]),
    )
    .execute()
}
export type RuleSettingRow = Awaited<ReturnType<typeof listRuleSettings>>[number]

type Place = {
  readonly layer: RuleLayer
  readonly projectId?: string | undefined
  readonly userId: string
  readonly rule: string
}

export async function saveRuleSetting(
  db: Db,
  { layer, projectId, userId, rule }: Place,
  { mode, params, isLocked = false }: RuleSetting,
): Promise<void> {
  const said = {
    mode: mode ?? null,
    params: toJsonb(params ?? {}),
    is_locked: isLocked,
    updated_by: userId,
    updated_at: sql<Date>`now()`,
  }
  await db
    .insertInto('story_rule_settings')
    .values({
      id: randomUUID(),
      layer,
      project_id: layer === 'project' ? (projectId ?? null) : null,
      user_id: layer === 'user' ? userId : null,
      rule,
      ...said,
    })
    .onConflict((conflict) => conflict.constraint('story_rule_settings_once').doUpdateSet(said))
    .execute()
}

export async function forgetRuleSetting(db: Db, { layer, projectId, rule }: Place): Promise<void> {
  let query = db
    .deleteFrom('story_rule_settings')
    .where('layer', '=', layer)
    .where('rule', '=', rule)
  if (layer === 'project') query = query.where('project_id', '=', projectId ?? null)
  if (layer === 'user') query = query.where('user_id', '=', transactionUser)
  await query.execute()
}
