import { crc32, deflateSync } from 'node:zlib'
import { escapeHtml } from '../exchange.ts'

/**
 * A square picture that belongs to one name: five by five blocks, mirrored.
 *
 * @param colour six hexadecimal digits
 * @param sizePixels at least 5
 */
export function pngAvatar(name: string, colour: string, sizePixels: number): Buffer {
  const ink = Buffer.from(colour, 'hex')
  const paper = Buffer.from('f1f5f9', 'hex')
  const pattern = crc32(name)
  const rows: Buffer[] = []
  for (let y = 0; y < sizePixels; y += 1) {
    const row: Buffer[] = [Buffer.of(0)]
    for (let x = 0; x < sizePixels; x += 1) {
      const [column, line] = [Math.floor((x * 5) / sizePixels), Math.floor((y * 5) / sizePixels)]
      const bit = Math.min(column, 4 - column) * 5 + line
      row.push(((pattern >>> bit) & 1) === 1 ? ink : paper)
    }
    rows.push(Buffer.concat(row))
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(sizePixels, 0)
  header.writeUInt32BE(sizePixels, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

export function svgAvatar(name: string, colour: string, sizePixels: number): string {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0x20))
    .join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePixels}" height="${sizePixels}" viewBox="0 0 48 48"><rect width="48" height="48" rx="24" fill="#${colour}"/><text x="24" y="31" font-family="sans-serif" font-size="20" fill="#fff" text-anchor="middle">${escapeHtml(initials)}</text></svg>`
}
