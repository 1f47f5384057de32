import { getRouteApi } from '@tanstack/react-router'
import { BoardPage } from './board-page.tsx'

const route = getRouteApi('/member/boards/$boardId')

export function BoardRoute() {
  const { boardId } = route.useParams()
  const { card } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <BoardPage
      key={boardId}
      boardId={boardId}
      cardId={card}
      onCard={(cardId) =>
        void navigate({
          to: '/boards/$boardId',
          params: { boardId },
          search: { card: cardId },
          resetScroll: false,
        })
      }
    />
  )
}
