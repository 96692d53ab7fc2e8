/** What is not there. */
export default function NotFound() {
  return (
    <main>
      <p>There is no such page.</p>
      <a href="/">To the start</a>
    </main>
  )
}
