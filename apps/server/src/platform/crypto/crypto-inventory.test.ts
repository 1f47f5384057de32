import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cryptoInventory } from './crypto-inventory.ts'

const server = join(import.meta.dirname, '../../..')

it('names places that are there [SEC-1, SEC-10]', () => {
  expect(cryptoInventory.filter(({ where }) => !existsSync(join(server, where)))).toEqual([])
})
