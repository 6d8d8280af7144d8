declare module 'virtual:workbook-recordings' {
  /** By `slug/check`; what each yields is one check of a `recorded-run.json`. */
  const recordings: Record<string, () => Promise<{ default: unknown }>>
  export default recordings
}
