/** `45 s`, `8 min`, `1 min 36 s`, `16 h 40 min`, `never`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'never'
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60]
  const parts = hours > 0 ? [`${String(hours)} h`, minutes > 0 ? `${String(minutes)} min` : ''] : [minutes > 0 ? `${String(minutes)} min` : '', rest > 0 || minutes === 0 ? `${String(rest)} s` : '']
  return parts.filter((part) => part !== '').join(' ')
}

/** `96 MB`, `60 GB`. */
export function sizeText(megabytes: number): string {
  return megabytes < 999.5 ? `${String(Math.round(megabytes))} MB` : `${String(Number((megabytes / 1_000).toPrecision(3)))} GB`
}
