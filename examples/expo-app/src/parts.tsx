import type { ReactNode } from 'react'
import { ActivityIndicator, Pressable, Text, View } from 'react-native'
import { layout, useColours } from './theme.ts'

/** A bordered part of the screen. */
export function Card({ children }: { children: ReactNode }) {
  const { card, line } = useColours()
  return <View style={[layout.card, { backgroundColor: card, borderColor: line }]}>{children}</View>
}

/** A button that says when it is at work. */
export function Button(props: { label: string; busy?: boolean; onPress: () => void }) {
  const { action, onAction } = useColours()
  const { label, busy = false, onPress } = props
  return (
    <Pressable
      accessibilityRole="button"
      accessibilityState={{ busy, disabled: busy }}
      disabled={busy}
      onPress={onPress}
      style={({ pressed }) => [
        layout.button,
        { backgroundColor: action, opacity: pressed || busy ? 0.7 : 1 },
      ]}
    >
      {busy ? (
        <ActivityIndicator color={onAction} />
      ) : (
        <Text style={[layout.heading, { color: onAction }]}>{label}</Text>
      )}
    </Pressable>
  )
}

/** A name and its value, under each other where the screen is narrow. */
export function Fact({ name, value }: { name: string; value: string }) {
  const { text, quiet } = useColours()
  return (
    <View accessible accessibilityLabel={`${name}: ${value}`}>
      <Text style={[layout.small, { color: quiet }]}>{name}</Text>
      <Text style={[layout.body, { color: text }]} selectable>
        {value}
      </Text>
    </View>
  )
}
