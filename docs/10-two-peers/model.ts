import type { Figure } from '../.vitepress/theme/figure/types.ts'
import { CUTTABLE } from './frames.ts'
import { isMixedUp, isRight } from './outcomes.ts'
import { simulate, type Parameters, type Run } from './simulate.ts'

export const figure: Figure<Parameters, Run> = {
  id: 'two-halves',
  title: 'Ben called. Who asks, and who answers?',
  controls: [
    {
      kind: 'buttons', name: 'who', label: 'Who can ask', value: 'both',
      options: [{ value: 'both', text: 'both: each is two halves' }, { value: 'caller', text: 'only Ben, who called: two roles' }],
    },
    { kind: 'toggle', name: 'ids', label: 'Request ids', value: true },
    { kind: 'toggle', name: 'heartbeat', label: 'Heartbeat', value: true },
    {
      kind: 'select', name: 'cut', label: 'Link cut at', value: '', inPicture: true,
      options: ['', ...CUTTABLE].map((value) => ({ value, text: value })),
    },
  ],
  goals: [
    { id: 'mixed-up', text: 'Let an answer reach the wrong asker.', isReached: ({ outcomes }) => outcomes.some(isMixedUp) },
    {
      id: 'one-504', text: 'Cut the link so that one question ends in 504, and two are answered whole.',
      isReached: ({ outcomes }) => outcomes.filter(({ status }) => status === 504).length === 1 && outcomes.filter(isRight).length === 2,
    },
    {
      id: 'ghost', text: 'Let /peers go on naming somebody long after the link was cut.',
      isReached: ({ listedForMs }) => listedForMs.some((ms) => ms > 10_000),
    },
  ],
  simulate,
}
