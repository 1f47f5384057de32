export { registerPeopleRoutes } from './people.routes.ts'
export { createPeopleService, type PeopleService } from './people.service.ts'
