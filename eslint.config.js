import { defineConfig, globalIgnores } from 'eslint/config'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const TYPESCRIPT = ['**/*.ts', '**/*.vue']

/** An arrow that must not be drawn: files that match `group` are not imported, because of `message`. */
const forbid = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })

const noLab = { regex: '(^|/)labs/(?!shared/)|^(\\.\\./)+labs/\\d', message: 'The harness imports no lab: it starts labs as processes.' }
const noPage = { regex: '(^|/)docs/', message: 'The harness imports no page.' }
const noShared = { regex: '(^|/)labs/', message: 'Only test/harness/peers shares code with the labs: webrtc.ts and its workarounds.' }

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    '.workbook/',
    'docs/.vitepress/cache/',
    'docs/.vitepress/dist/',
    // Programs that are broken on purpose, and the learner's own.
    'test/**/broken/**',
    'labs/*/mine.ts',
    'labs/*/mine/**',
  ]),

  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.vue'] },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      // A method that has nothing to wait for may still have to be one that can be waited for.
      '@typescript-eslint/require-await': 'off',
      // Parts are objects of functions here, made to be taken apart: `async ({ client, expect }) => …`.
      '@typescript-eslint/unbound-method': 'off',
      'eqeqeq': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'TypeScript must be erasable: use a union of strings.' },
        { selector: 'TSParameterProperty', message: 'TypeScript must be erasable: assign in the constructor.' },
        { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'TypeScript must be erasable: use a module.' },
        {
          selector: 'ImportDeclaration[source.value=/^(assert|buffer|child_process|crypto|events|fs|http|net|os|path|stream|timers|url|util|worker_threads)(\\u002F|$)/]',
          message: 'Import what comes with Node as `node:…`.',
        },
      ],
      'max-len': ['error', { code: 150, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: false }],
      'semi': ['error', 'never', { beforeStatementContinuationChars: 'always' }],
    },
  },

  // Sizes: what a reader can hold in mind.
  {
    files: ['test/harness/**/*.ts', 'docs/.vitepress/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },

  // A group of checks is one function that declares them.
  {
    files: ['test/*.test.ts', 'test/[0-9][0-9]-*/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }] },
  },

  // Arrows run one way.
  {
    files: ['test/harness/**/*.ts'],
    ignores: ['test/harness/peers/**', 'test/harness/types/**'],
    rules: forbid(noShared, noPage),
  },
  { files: ['test/harness/peers/**/*.ts'], rules: forbid(noLab, noPage) },
  {
    files: ['test/harness/types/**/*.ts'],
    rules: forbid({ regex: '^(?!\\./)', message: 'The types import nothing outside their folder: pages and Node share them.' }),
  },
  {
    files: ['labs/**/*.ts'],
    rules: forbid({ regex: '(^|/)(test|docs)/', message: 'A lab stands by itself: it imports no test and no page.' }),
  },
  {
    files: ['docs/**/*.ts', 'docs/**/*.vue'],
    rules: forbid(
      { regex: '(^|/)test/harness/(?!types/)', message: 'Pages know the harness by its types alone.' },
      { regex: '(^|/)labs/', message: 'A page quotes a lab, it does not import one.' },
    ),
  },

  {
    // The site's Node side: it starts the harness as a process, and needs what the two say to each other; the tables of
    // the reference pages come from the code.
    files: ['docs/.vitepress/live.ts', 'docs/.vitepress/live/**/*.ts', 'docs/.vitepress/theme/data/*.ts'],
    rules: forbid(
      { regex: '(^|/)test/harness/(?!types/|runner/messages|cli/(options|manifest))', message: 'The site starts the harness as a process of its own.' },
      { regex: '(^|/)labs/', message: 'A page quotes a lab, it does not import one.' },
    ),
  },

  // Labs are for learners to read and change: a handler may be async, and what a test knows may be asserted.
  {
    files: ['labs/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // What a gap will need is there already.
  { files: ['labs/*/starter.ts', 'labs/*/starter/**/*.ts'], rules: { '@typescript-eslint/no-unused-vars': 'off' } },
  {
    files: ['test/*.test.ts', 'test/workbook/**/*.ts', 'test/browser/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },

  // Wrong on purpose, each in its own way: only what would make them no program at all counts.
  {
    files: ['labs/*/wrong/**/*.ts', 'test/workbook/fixtures/**/*.ts', 'test/workbook/hostile/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      'no-constant-condition': 'off',
      'no-empty': 'off',
      'max-len': 'off',
    },
  },

  // What tools look for under the name `default`.
  { files: ['*.config.ts', 'docs/.vitepress/**/*.ts', '**/*.vue', '**/*.d.ts'], rules: { 'no-restricted-exports': 'off' } },

  {
    // The linter sees a component as `any`; vue-tsc, which checks these files too, knows better.
    files: ['docs/.vitepress/**/*.ts', '**/*.vue'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
    },
  },
  {
    files: ['**/*.vue'],
    extends: [vue.configs['flat/recommended']],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/no-v-html': 'error',
      'vue/multiline-html-element-content-newline': 'off',
      // Prose in a template breaks where a space may stand.
      'max-len': 'off',
    },
  },
)
