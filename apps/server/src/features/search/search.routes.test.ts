import { createProject } from '@studioops/contracts/projects'
import { addPurchase } from '@studioops/contracts/purchases'
import { searchEverything } from '@studioops/contracts/search'
import { describe, expect } from 'vitest'
import { test } from '../../testing/test.ts'

describe('search over everything', () => {
  test('finds what the person may see, and nothing of anybody else [PRJ-1] [ID-13]', async ({
    app,
  }) => {
    const client = await app.signedIn('noa.levi')
    const { project } = await client.call(createProject, { body: { name: 'מבצע צ׳ק־אאוט 100%' } })
    const params = { projectId: project.id }
    await client.call(addPurchase, {
      params,
      body: {
        boughtOn: '2026-11-01',
        vendor: 'Zebra Print',
        description: 'Banner',
        quantity: '1',
        unitPrice: '10',
        currency: 'ILS',
        vatRate: '18',
        status: 'paid',
        category: '',
      },
    })
    const find = async (who: typeof client, q: string) =>
      (await who.call(searchEverything, { query: { q } })).hits
    expect(await find(client, "צ'ק 100%")).toMatchObject([
      { kind: 'project', id: project.id, projectName: project.name },
    ])
    expect(await find(client, 'banner zebra')).toMatchObject([
      { kind: 'purchase', title: 'Zebra Print · Banner', projectId: project.id },
    ])
    expect(await find(client, '_ebra')).toEqual([])
    const stranger = await app.signedIn('maya.green')
    expect(await find(stranger, 'zebra')).toEqual([])
  })
})
