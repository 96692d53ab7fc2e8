import { followAppState } from 'iamfetch/native'
import { IamProvider } from 'iamfetch/react'
import * as SecureStore from 'expo-secure-store'
import { StatusBar } from 'expo-status-bar'
import { amplifyIdToken, clearWithAmplify } from 'iamfetch/amplify'
import { useEffect, useState } from 'react'
import { AppState, ScrollView, Text, View } from 'react-native'
import { readConfig } from './config.ts'
import { Console } from './console.tsx'
import { Button } from './parts.tsx'
import { startSession } from './session.ts'
import { configureAmplify, signedInUser, signOut } from './sign-in.ts'
import { SignInForm } from './sign-in-form.tsx'
import { layout, useColours } from './theme.ts'

const config = readConfig()
configureAmplify(config)
const session = startSession(config, amplifyIdToken(), SecureStore)
clearWithAmplify(session.credentials)

/** The one screen: sign in, see the role, call. */
export function App() {
  const { ground, text, quiet } = useColours()
  const [user, setUser] = useState<string>()
  const look = (): void => void signedInUser().then(setUser)

  useEffect(look, [])
  useEffect(() => followAppState(session.credentials, AppState), [])

  return (
    <View style={[layout.page, { backgroundColor: ground }]}>
      <StatusBar style="auto" />
      <ScrollView contentContainerStyle={layout.content} keyboardShouldPersistTaps="handled">
        <View>
          <Text style={[layout.title, { color: text }]}>Group access</Text>
          <Text style={[layout.body, { color: quiet }]}>
            Your group decides your role, your role decides what you may call.
          </Text>
        </View>
        {user === undefined ? (
          <SignInForm onSignedIn={look} />
        ) : (
          <IamProvider fetch={session.fetch} credentials={session.credentials}>
            <Console key={user} />
            <Button label="Sign out" onPress={() => void signOut().then(look)} />
          </IamProvider>
        )}
        <Text style={[layout.small, { color: quiet }]}>{config.apiUrl}</Text>
      </ScrollView>
    </View>
  )
}
