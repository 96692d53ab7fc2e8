import { useState } from 'react'
import { Text, TextInput } from 'react-native'
import { Button, Card } from './parts.tsx'
import { signInWith } from './sign-in.ts'
import { layout, useColours } from './theme.ts'

/** Asks for user name and password. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const { text, line, quiet, refused } = useColours()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const submit = async (): Promise<void> => {
    setBusy(true)
    setTrouble(undefined)
    try {
      await signInWith(username.trim(), password)
      onSignedIn()
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }
  const field = [layout.input, { color: text, borderColor: line }]
  return (
    <Card>
      <Text style={[layout.heading, { color: text }]}>Sign in</Text>
      <TextInput
        accessibilityLabel="User name"
        placeholder="User name"
        placeholderTextColor={quiet}
        autoCapitalize="none"
        autoComplete="username"
        autoCorrect={false}
        style={field}
        value={username}
        onChangeText={setUsername}
      />
      <TextInput
        accessibilityLabel="Password"
        placeholder="Password"
        placeholderTextColor={quiet}
        autoComplete="current-password"
        secureTextEntry
        style={field}
        value={password}
        onChangeText={setPassword}
        onSubmitEditing={() => void submit()}
      />
      {trouble && (
        <Text accessibilityLiveRegion="polite" style={[layout.body, { color: refused }]}>
          {trouble}
        </Text>
      )}
      <Button label="Sign in" busy={busy} onPress={() => void submit()} />
    </Card>
  )
}
