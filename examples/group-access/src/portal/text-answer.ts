/** What was written into a field of a form, without blanks around it. */
export function textAnswer(answers: FormData, name: string): string {
  const value = answers.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
