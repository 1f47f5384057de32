import type { BackupManifest } from '../backup/manifest.ts'
import { verifyBackup } from '../backup/verify-backup.ts'
import type { PreImagePlan } from '../inverse/pre-image.ts'
import type { Objection } from '../objection.ts'
import { type Kept, type KeptGroup, keptGroupOf } from './kept.ts'

/** What one transaction of a migration kept, and where it lies. */
export type KeptPlace = {
  readonly location: string
  readonly manifest: BackupManifest
  readonly group: KeptGroup
}

/** Everything that a migration kept, in the order of its transactions. */
export type KeptData = readonly KeptPlace[]

export type ReadKept =
  | { readonly kind: 'read'; readonly data: KeptData }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** Reads every backup of a migration from its first byte to its last. */
export async function readKept(location: string | undefined): Promise<ReadKept> {
  const data: KeptPlace[] = []
  const seen = new Set<string>()
  for (let place = location; place !== undefined && !seen.has(place);) {
    seen.add(place)
    const verified = await verifyBackup(place)
    if (verified.kind === 'refused') return verified
    const { manifest } = verified
    const group = keptGroupOf(manifest.notes)
    if (group === undefined) break
    data.unshift({ location: place, manifest, group })
    place = group.previous
  }
  return { kind: 'read', data }
}

/** Where the data of a plan is; undefined where it was not kept. */
export function findKept<K extends Kept['kind']>(
  data: KeptData,
  plan: PreImagePlan & { readonly kind: K },
): { readonly place: KeptPlace; readonly kept: Extract<Kept, { kind: K }> } | undefined {
  const wanted = JSON.stringify(plan)
  for (const place of data)
    for (const kept of place.group.kept)
      if (kept.kind === plan.kind && plansOf(kept).some((one) => JSON.stringify(one) === wanted))
        return { place, kept: kept as Extract<Kept, { kind: K }> }
  return undefined
}

function plansOf(kept: Kept): readonly PreImagePlan[] {
  return kept.kind === 'rows' ? kept.plans : [kept.plan]
}
