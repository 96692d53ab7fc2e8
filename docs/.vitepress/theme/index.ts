import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import CallWay from './call-way.vue'
import SigningPage from './signing-page.vue'
import './style.css'

/** VitePress's theme without its fonts: nothing is loaded that the reader's system has. */
export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('CallWay', CallWay)
    app.component('SigningPage', SigningPage)
  },
} satisfies Theme
