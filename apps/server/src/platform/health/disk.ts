import { statfs } from 'node:fs/promises'

const leastFreeRatio = 0.02

/** @returns 0 to 1 */
export async function diskFreeRatioOf(directory: string): Promise<number> {
  const { bavail, blocks } = await statfs(directory)
  return bavail / blocks
}

/** @returns why a directory will soon hold nothing more; undefined where there is room */
export async function explainFullDisk(directory: string): Promise<string | undefined> {
  const ratio = await diskFreeRatioOf(directory)
  return ratio < leastFreeRatio ? `${(ratio * 100).toFixed(1)} % of the disk is free` : undefined
}
