export { median, p95 } from '../harness/quantiles.ts'
