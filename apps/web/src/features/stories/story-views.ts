/** The views of a story, as they stand in the address. */
export const storyViews = ['preview', 'split', 'raw', 'edit', 'versions'] as const
export type StoryView = (typeof storyViews)[number]
