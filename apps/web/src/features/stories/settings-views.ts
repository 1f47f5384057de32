/** The views of the settings of stories, as they stand in the address. */
export const settingsViews = ['rules', 'templates', 'prompts'] as const
export type SettingsView = (typeof settingsViews)[number]
