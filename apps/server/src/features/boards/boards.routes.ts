import * as api from '@studioops/contracts/boards'
import type { Router } from '../../platform/http/route.ts'
import type { BoardService } from './boards.service.ts'

export function registerBoardRoutes(router: Router, boards: BoardService): void {
  router.serve(api.listBoards, async ({ principal: { userId }, language }) =>
    boards.list({ userId, language }),
  )

  router.serve(api.readBoard, async ({ principal: { userId }, params, language }) =>
    boards.read({ userId, language }, params.boardId),
  )

  router.serve(api.refreshBoard, async ({ principal: { userId }, params, language }) =>
    boards.refresh({ userId, language }, params.boardId),
  )

  router.serve(api.readComments, async ({ principal: { userId }, params, language }) =>
    boards.comments({ userId, language }, params.cardId),
  )

  router.serve(api.previewBoardChange, async ({ principal: { userId }, params, body }) => {
    const { id, kind, title, payload, payloadHash } = await boards.preview(
      userId,
      params.boardId,
      body,
    )
    return { draft: { id, kind, title, payload, payloadHash } }
  })

  router.serve(
    api.approveBoardChange,
    async ({ principal: { userId }, params, body, language }) => ({
      operation: await boards.approve({ userId, language }, params.boardId, body),
    }),
  )
}
