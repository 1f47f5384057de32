import {
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router'
import { memberAccountRoutes, publicAccountRoutes } from '../features/accounts/accounts.routes.tsx'
import { accessTokenRoutes } from '../features/access-tokens/access-tokens.routes.tsx'
import { backupRoutes } from '../features/backups/backups.routes.tsx'
import { auditRoutes } from '../features/audit/audit.routes.tsx'
import { boardRoutes } from '../features/boards/boards.routes.tsx'
import { chatRoutes, chatTabRoutes } from '../features/chats/chats.routes.tsx'
import { companyModelRoutes } from '../features/company-model/company-model.routes.tsx'
import {
  connectionRoutes,
  workspaceConnectionRoutes,
} from '../features/connections/connections.routes.tsx'
import { dashboardRoutes } from '../features/dashboard/dashboard.routes.tsx'
import { documentRoutes } from '../features/documents/documents.routes.tsx'
import { installationRoutes } from '../features/installation/installation.routes.tsx'
import { jobRoutes } from '../features/jobs/jobs.routes.tsx'
import { modelRoutes } from '../features/models/models.routes.tsx'
import { OperationCard } from '../features/outbox/index.ts'
import { PublishPanel } from '../features/pages/index.ts'
import { outboxRoutes } from '../features/outbox/outbox.routes.tsx'
import { monitoringRoutes } from '../features/monitoring/monitoring.routes.tsx'
import { peopleRoutes } from '../features/people/people.routes.tsx'
import { projectRoutes, projectTabRoutes } from '../features/projects/projects.routes.tsx'
import { ReceiptOf, SpendPanel } from '../features/purchases/index.ts'
import { purchaseRoutes } from '../features/purchases/purchases.routes.tsx'
import { storyRoutes } from '../features/stories/stories.routes.tsx'
import { toolRoutes } from '../features/tools/tools.routes.tsx'
import { installationQuery } from '../lib/installation.queries.ts'
import {
  adminRoute,
  memberRoute,
  projectRoute,
  publicRoute,
  rootRoute,
  type RouterContext,
} from '../lib/routes.ts'
import { sessionQuery } from '../lib/session.queries.ts'
import { AdminGate } from './admin-gate.tsx'
import { FailedPage, FailedScreen } from './failed-page.tsx'
import { NotFoundPage, NotFoundScreen } from './not-found-page.tsx'
import { PendingPage } from './pending-page.tsx'
import { PublicFrame } from './public-frame.tsx'
import { RootFrame } from './root-frame.tsx'
import { startPath } from './start-path.ts'

const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async ({ context: { api, queries } }) => {
    const [installation, { session }] = await Promise.all([
      queries.ensureQueryData(installationQuery(api)),
      queries.ensureQueryData(sessionQuery(api)),
    ])
    throw redirect({ to: startPath(installation, session !== undefined), replace: true })
  },
})

/** For visitors no page exists but those above: they sign in first, and then learn that there is none. */
const elsewhereRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '$',
  component: lazyRouteComponent(() => import('./not-found-page.tsx'), 'NotFoundPage'),
})

const LazyProjectFrame = lazyRouteComponent(
  () => import('../features/projects/project-frame.routes.tsx'),
  'ProjectFrameRoute',
)

const LazyShell = lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell')

const routeTree = rootRoute
  .update({ component: RootFrame, errorComponent: FailedScreen, notFoundComponent: NotFoundScreen })
  .addChildren([
    startRoute,
    publicRoute
      .update({ component: PublicFrame })
      .addChildren([...installationRoutes(publicRoute), ...publicAccountRoutes(publicRoute)]),
    memberRoute
      .update({ component: LazyShell, errorComponent: FailedScreen })
      .addChildren([
        ...dashboardRoutes(memberRoute),
        ...connectionRoutes(memberRoute),
        ...toolRoutes(memberRoute),
        ...accessTokenRoutes(memberRoute),
        ...memberAccountRoutes(memberRoute),
        ...storyRoutes(memberRoute, { OperationCard, PublishPanel }),
        ...boardRoutes(memberRoute),
        ...chatRoutes(memberRoute),
        ...projectRoutes(memberRoute),
        projectRoute
          .update({ component: LazyProjectFrame })
          .addChildren([
            ...projectTabRoutes(projectRoute, { SpendPanel }),
            ...documentRoutes(projectRoute, { ReceiptOf }),
            ...chatTabRoutes(projectRoute),
            ...purchaseRoutes(projectRoute),
          ]),
        ...outboxRoutes(memberRoute),
        ...jobRoutes(memberRoute),
        ...modelRoutes(memberRoute),
        adminRoute
          .update({ component: AdminGate })
          .addChildren([
            ...peopleRoutes(adminRoute),
            ...auditRoutes(adminRoute),
            ...monitoringRoutes(adminRoute),
            ...backupRoutes(adminRoute),
            ...companyModelRoutes(adminRoute),
            ...workspaceConnectionRoutes(adminRoute),
          ]),
        elsewhereRoute,
      ]),
  ])

const pendingAfterMs = 200
const pendingAtLeastMs = 300

/** @param history where the address stands; the browser's own where absent */
export function createAppRouter(context: RouterContext, history?: RouterHistory) {
  return createRouter({
    routeTree,
    context,
    ...(history === undefined ? {} : { history }),
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: pendingAfterMs,
    defaultPendingMinMs: pendingAtLeastMs,
    defaultPendingComponent: PendingPage,
    defaultErrorComponent: FailedPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  })
}

export type AppRouter = ReturnType<typeof createAppRouter>

declare module '@tanstack/react-router' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged into the router's own
  interface Register {
    router: AppRouter
  }
}
