import { StyleSheet, useColorScheme } from 'react-native'

/** The colours of one scheme. */
export interface Colours {
  ground: string
  card: string
  line: string
  text: string
  quiet: string
  action: string
  onAction: string
  allowed: string
  refused: string
  failed: string
}

const light: Colours = {
  ground: '#f6f7f9',
  card: '#ffffff',
  line: '#dfe3e8',
  text: '#14181f',
  quiet: '#5a6472',
  action: '#1f5fd1',
  onAction: '#ffffff',
  allowed: '#0f7a3d',
  refused: '#b3261e',
  failed: '#8a5a00',
}

const dark: Colours = {
  ground: '#0e1116',
  card: '#171c24',
  line: '#2a323d',
  text: '#eef1f5',
  quiet: '#9aa5b4',
  action: '#7fb0ff',
  onAction: '#0b1a33',
  allowed: '#5fd18d',
  refused: '#ff8a80',
  failed: '#f0c26a',
}

/** The colours of the device's scheme. */
export const useColours = (): Colours => (useColorScheme() === 'dark' ? dark : light)

/** What does not depend on the scheme. */
export const layout = StyleSheet.create({
  page: { flex: 1 },
  content: {
    gap: 16,
    padding: 20,
    paddingTop: 64,
    maxWidth: 640,
    width: '100%',
    alignSelf: 'center',
  },
  card: { gap: 12, padding: 16, borderRadius: 14, borderWidth: StyleSheet.hairlineWidth },
  row: { flexDirection: 'row', gap: 12, alignItems: 'center' },
  title: { fontSize: 28, fontWeight: '700', letterSpacing: -0.5 },
  heading: { fontSize: 15, fontWeight: '600' },
  body: { fontSize: 15, lineHeight: 21 },
  small: { fontSize: 13, lineHeight: 18 },
  mono: { fontSize: 13, lineHeight: 18, fontFamily: 'monospace' },
  input: { fontSize: 16, paddingHorizontal: 14, height: 48, borderRadius: 10, borderWidth: 1 },
  button: {
    minHeight: 48,
    borderRadius: 10,
    alignItems: 'center',
    justifyContent: 'center',
    flex: 1,
  },
})
