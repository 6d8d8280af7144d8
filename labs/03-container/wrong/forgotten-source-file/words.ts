export function sentence(station: string): string {
  return `${station} is on the air`
}
