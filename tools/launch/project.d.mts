/** What the tools in TypeScript take from `project.mjs`. */
export const serverFlags: readonly string[]
