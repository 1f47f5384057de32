/** Jira colours these; for any other name it shows an error above the code. */
const languages = new Set(
  (
    'actionscript ada applescript bash c c# c++ cpp css erlang go groovy haskell html java ' +
    'javascript js json lua objc perl php python r ruby scala sh sql swift visualbasic xml yaml'
  ).split(' '),
)
const otherNames: Readonly<Record<string, string>> = {
  ts: 'javascript',
  typescript: 'javascript',
  jsx: 'javascript',
  tsx: 'javascript',
  py: 'python',
  rb: 'ruby',
  shell: 'bash',
  zsh: 'bash',
  yml: 'yaml',
  csharp: 'c#',
  golang: 'go',
}

/** The name that Jira knows for a language, if it knows one. */
export function wikiLanguage(language: string): string | undefined {
  const name = Object.hasOwn(otherNames, language) ? otherNames[language] : language
  return name !== undefined && languages.has(name) ? name : undefined
}
