import { statfs } from 'node:fs/promises'

const leastFreeShare = 0.02

/** @returns why a directory will soon hold nothing more; undefined where there is room */
export async function explainFullDisk(directory: string): Promise<string | undefined> {
  const { bavail, blocks } = await statfs(directory)
  const share = bavail / blocks
  return share < leastFreeShare ? `${(share * 100).toFixed(1)} % of the disk is free` : undefined
}
