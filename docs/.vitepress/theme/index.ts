import { defineAsyncComponent } from 'vue'
import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import RecordedRun from './diagram/RecordedRun.vue'
import Layout from './Layout.vue'
import CheckList from './lab/CheckList.vue'
import LabPanel from './lab/LabPanel.vue'
import Measured from './lab/Measured.vue'
import LandingPage from './pages/LandingPage.vue'
import { whenNear } from './when-near.ts'
import './styles/colours.css'
import './styles/code.css'
import './styles/figure.css'
import './styles/lab.css'
import './styles/sequence.css'
import './styles/pages.css'
import './styles/print.css'

/** In chunks of their own: a chapter does not carry what only other pages show. */
const ChapterList = defineAsyncComponent(() => import('./pages/ChapterList.vue'))
const CommandLine = defineAsyncComponent(() => import('./pages/CommandLine.vue'))
const ProblemTable = defineAsyncComponent(() => import('./pages/ProblemTable.vue'))
const SequenceDiagram = defineAsyncComponent(() => import('./diagram/SequenceDiagram.vue'))
const SourceList = defineAsyncComponent(() => import('./pages/SourceList.vue'))
const StartButton = defineAsyncComponent(() => import('./pages/StartButton.vue'))
/** What a chapter's text uses; a figure's view imports its parts itself. */
const Ordering = whenNear(() => import('./figure/Ordering.vue'))
const Predict = whenNear(() => import('./figure/Predict.vue'))
const Quiz = whenNear(() => import('./figure/Quiz.vue'))
const Term = defineAsyncComponent(() => import('./figure/Term.vue'))
const WorkedSteps = whenNear(() => import('./figure/WorkedSteps.vue'))
const YouSaid = whenNear(() => import('./figure/YouSaid.vue'), 'span')

export default {
  extends: DefaultTheme,
  Layout,
  enhanceApp({ app }) {
    const components = { ChapterList, CommandLine, ProblemTable, SequenceDiagram, SourceList, StartButton }
    const parts = { CheckList, LabPanel, Measured, RecordedRun, Ordering, Predict, Quiz, Term, WorkedSteps, YouSaid }
    for (const [name, component] of Object.entries({ ...components, ...parts })) app.component(name, component)
    // The layout named in the front matter of the first page; the theme's own home has no main landmark.
    app.component('landing', LandingPage)
  },
} satisfies Theme
