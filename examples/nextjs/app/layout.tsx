import type { ReactNode } from 'react'
import './styles.css'

export const metadata = { title: 'IAM-signed calls from Next.js' }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <h1>A server that calls as its users</h1>
        {children}
      </body>
    </html>
  )
}
