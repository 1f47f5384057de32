import { expect, it } from 'vitest'
import { createTrelloLimits } from '../../integrations/trello/trello-limits.ts'
import { createTrelloOpener } from '../../integrations/trello/trello-opener.ts'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { demoTrelloKey } from '../../simulators/demo-data.ts'
import { noa, serveTrello } from '../../simulators/trello/served-trello.test-data.ts'
import type { OperationRow } from '../outbox/index.ts'
import { createBoardExecutors } from './boards.executors.ts'

it('what was approved for one Trello is neither sent to another nor looked for there [D-25, D-12]', async () => {
  await using trello = await serveTrello()
  await using outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [trello.origin] },
  })
  const executors = createBoardExecutors({
    openTrello: createTrelloOpener({
      outbound,
      limits: createTrelloLimits(),
      access: async () => ({
        baseUrl: trello.url,
        key: new Secret(demoTrelloKey),
        token: new Secret(noa.token),
        tls: {},
      }),
    }),
    connections: { noteUse: async () => undefined },
  })
  const idList = trello.simulator.state().lists[0]?.id ?? ''
  const change = { type: 'add-card', listId: idList, name: 'A', desc: '' }
  const target = { boardId: trello.boardId, boardName: 'B', host: 'api.trello.com', change }
  const payload = { idList, name: 'A', desc: 'so-abcdefghij', pos: 'bottom' }
  // Of a row, these are what an executor looks at.
  const row = { user_id: '', marker: 'so-abcdefghij', target, payload } as unknown as OperationRow
  const executor = executors['trello.card.create']
  const scope = { earlier: [], signal: AbortSignal.timeout(10_000) }

  const refusal = { code: 'operation.other-place', certainty: 'not-done' }
  await expect(executor?.send(row, scope)).rejects.toMatchObject(refusal)
  await expect(executor?.find(row, scope)).rejects.toMatchObject(refusal)
  expect(trello.simulator.counters()['requests']).toEqual({})
})
