import type { LayeredRules } from '@studioops/contracts/story-rule-settings'
import {
  type EffectiveRule,
  mergeRuleSettings,
  type RuleLayer,
  type RuleSetting,
  type RuleSettings,
  type StoryRule,
  storyRule,
  storyRuleDefinitions,
} from '@studioops/contracts/story-rules'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { ProjectAccess } from '../projects/index.ts'
import * as store from './stories.rules.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly access: ProjectAccess
}

type Reader = {
  readonly userId: string
  readonly projectId?: string | undefined
  /** Whether the reader runs the workspace. */
  readonly isAdmin: boolean
}

export type StoryRulesDesk = ReturnType<typeof createStoryRules>

/** The rules that stories are held to, by workspace, project and person (STY-12). */
export function createStoryRules({ database, audit, access }: Dependencies) {
  async function list(db: Db, reader: Reader): Promise<LayeredRules> {
    const { projectId, isAdmin } = reader
    const part = projectId === undefined ? undefined : await access.require(db, projectId, 'viewer')
    const layers = toSettings(await store.listRuleSettings(db, projectId))
    const mayChange: RuleLayer[] = [
      ...(isAdmin ? (['workspace'] as const) : []),
      ...(part?.role === 'owner' && !part.isArchived ? (['project'] as const) : []),
      'user',
    ]
    return { rules: mergeRuleSettings(layers), layers, mayChange }
  }

  return {
    /** In a transaction, or a reading, of the person. A project that is out of reach says nothing. */
    async forStory(db: Db, projectId: string | undefined): Promise<EffectiveRule[]> {
      return mergeRuleSettings(toSettings(await store.listRuleSettings(db, projectId)))
    },

    /** @throws AppError `project.not-found` */
    list: (reader: Reader): Promise<LayeredRules> =>
      database.asUser(reader.userId, (db) => list(db, reader)),

    /** @throws AppError `project.*`, `story.bad-rule`, `story.rule-locked` */
    async set(
      reader: Reader,
      { layer, rule, setting }: { layer: RuleLayer; rule: StoryRule; setting: RuleSetting },
    ): Promise<LayeredRules> {
      requireParams(rule, setting)
      return database.asUser(reader.userId, async (db) => {
        const { userId, projectId } = reader
        if (layer === 'project' && projectId !== undefined)
          await access.require(db, projectId, 'owner')
        const { layers } = await list(db, reader)
        if (isLockedBefore(layers, { layer, rule })) throw new AppError('story.rule-locked')
        const place = { layer, rule, userId, projectId }
        if (isEmpty(setting)) await store.forgetRuleSetting(db, place)
        else await store.saveRuleSetting(db, place, setting)
        if (layer !== 'user') {
          const target = `story-rule:${rule}`
          const facts = { layer, mode: setting.mode ?? '', locked: setting.isLocked === true }
          await audit.record(
            { actorId: userId, action: 'story-rule.change', target, outcome: 'done', facts },
            db,
          )
        }
        return list(db, reader)
      })
    },

    /** Settings that are not saved, over those that are. @throws AppError `project.not-found`, `story.bad-rule` */
    async tried(
      reader: Reader,
      settings: Readonly<Partial<Record<StoryRule, RuleSetting>>>,
    ): Promise<EffectiveRule[]> {
      for (const rule of storyRule.options) requireParams(rule, settings[rule] ?? {})
      const { rules } = await database.asUser(reader.userId, (db) => list(db, reader))
      // What is tried wins over everything, locks included: nothing of it is kept.
      return rules.map((rule) => {
        const { mode = rule.mode, params = {} } = settings[rule.rule] ?? {}
        return { ...rule, mode, params: { ...rule.params, ...params } }
      })
    },
  }
}

function toSettings(rows: readonly store.RuleSettingRow[]): RuleSettings {
  const layers: Partial<Record<RuleLayer, Partial<Record<StoryRule, RuleSetting>>>> = {}
  for (const row of rows) {
    // What an earlier version of the product had as a rule is left alone.
    const rule = storyRule.safeParse(row.rule)
    if (!rule.success) continue
    // The column's check constraint lists exactly these.
    const layer = row.layer as RuleLayer
    const setting = withoutAbsent({
      mode: row.mode as RuleSetting['mode'] | null,
      params: row.params as RuleSetting['params'],
      isLocked: row.is_locked ? true : undefined,
    })
    layers[layer] = { ...layers[layer], [rule.data]: setting }
  }
  return layers
}

const order: readonly RuleLayer[] = ['workspace', 'project', 'user']

function isLockedBefore(
  layers: RuleSettings,
  { layer, rule }: { readonly layer: RuleLayer; readonly rule: StoryRule },
): boolean {
  return order.slice(0, order.indexOf(layer)).some((one) => layers[one]?.[rule]?.isLocked === true)
}

function isEmpty({ mode, params = {}, isLocked = false }: RuleSetting): boolean {
  return mode === undefined && Object.keys(params).length === 0 && !isLocked
}

/** @throws AppError `story.bad-rule` that names the parameter */
function requireParams(rule: StoryRule, { params = {} }: RuleSetting): void {
  const { params: known } = storyRuleDefinitions[rule]
  for (const [name, value] of Object.entries(params))
    if (known[name]?.schema.safeParse(value).success !== true)
      throw new AppError('story.bad-rule', { facts: { name } })
}
