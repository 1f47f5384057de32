/** What the tools in TypeScript take from `project.mjs`. */
export function serverFlags(): readonly string[]
