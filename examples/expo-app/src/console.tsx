import { useCredentialStatus, useIamFetch, useRoles } from 'iamfetch/react'
import { useRef, useState } from 'react'
import { Text, View } from 'react-native'
import { makeCall, type Call } from './calls.ts'
import { Button, Card, Fact } from './parts.tsx'
import { layout, useColours } from './theme.ts'

/** What a signed-in user sees: who they are, as whom AWS knows them, and what that lets them do. */
export function Console() {
  const { text } = useColours()
  const fetch = useIamFetch()
  const { state, username, groups, expiresAt, error } = useCredentialStatus()
  const { current, predicted } = useRoles()
  const [calls, setCalls] = useState<readonly Call[]>([])
  const count = useRef(0)

  const press = async (method: Call['method']): Promise<void> => {
    const id = ++count.current
    setCalls((all) => [{ id, method, outcome: 'under way' as const }, ...all].slice(0, 20))
    const done = await makeCall(fetch, id, method)
    setCalls((all) => all.map((one) => (one.id === id ? done : one)))
  }

  return (
    <>
      <Card>
        <Fact name="User" value={username ?? 'the first call tells'} />
        <Fact name="Groups" value={groups.join(', ') || 'none'} />
        <Fact name="Role" value={roleName(current ?? predicted?.role)} />
        <Fact
          name="Credentials"
          value={expiresAt ? `until ${clockTime(expiresAt)} (${state})` : state}
        />
        {error instanceof Error && <Fact name="Trouble" value={error.message} />}
      </Card>
      <View style={layout.row}>
        <Button label="GET" onPress={() => void press('GET')} />
        <Button label="POST" onPress={() => void press('POST')} />
      </View>
      <Text style={[layout.heading, { color: text }]}>Calls</Text>
      {calls.length === 0 && <Nothing />}
      {calls.map((call) => (
        <Line key={call.id} call={call} />
      ))}
    </>
  )
}

function Nothing() {
  const { quiet } = useColours()
  return (
    <Text style={[layout.body, { color: quiet }]}>
      Nothing called yet. GET and POST show what the role allows.
    </Text>
  )
}

function Line({ call }: { call: Call }) {
  const colours = useColours()
  const { outcome, method, status, ms, text, remedy } = call
  const colour = outcome === 'under way' ? colours.quiet : colours[outcome]
  return (
    <Card>
      <View style={[layout.row, { justifyContent: 'space-between' }]}>
        <Text style={[layout.heading, { color: colours.text }]}>{method} /test</Text>
        <Text style={[layout.heading, { color: colour }]}>
          {[status, outcome].filter(Boolean).join(' ')}
        </Text>
      </View>
      {ms !== undefined && (
        <Text style={[layout.small, { color: colours.quiet }]}>{Math.round(ms)} ms</Text>
      )}
      {text && (
        <Text
          style={[outcome === 'allowed' ? layout.mono : layout.body, { color: colours.text }]}
          numberOfLines={6}
          selectable
        >
          {text}
        </Text>
      )}
      {remedy && <Text style={[layout.small, { color: colours.quiet }]}>{remedy}</Text>}
    </Card>
  )
}

const roleName = (arn: string | undefined): string =>
  arn?.split('/').pop() ?? 'the first call tells'

const clockTime = (at: Date): string =>
  `${at.getHours()}:${String(at.getMinutes()).padStart(2, '0')}`
