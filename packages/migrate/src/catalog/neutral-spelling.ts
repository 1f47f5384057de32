/** Under these, names and values are spelled the same whatever the role or the database says. */
export const neutralSpelling = {
  search_path: '',
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  quote_all_identifiers: 'off',
} as const
