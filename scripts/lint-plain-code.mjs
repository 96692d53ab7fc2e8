// Rules of oxlint for this repository: code that is short but has to be solved by its reader.

/** `Object(value).name` reads a property of anything and hides what the value is. */
const noObjectCast = {
  create: (context) => ({
    CallExpression(node) {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Object') return
      context.report({
        node,
        message:
          'Do not cast with Object(…). Check the type of the value, for example with isIamFetchError.',
      })
    },
  }),
}

const isRegExp = (node) => node?.type === 'Literal' && node.regex != null
const MATCHES = ['match', 'matchAll', 'search']

/** `/40[13]/.test(`${status}`)` compares a number by its digits. */
const noRegExpOnTemplate = {
  create: (context) => ({
    CallExpression({ callee, arguments: [first] }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const { object, property } = callee
      const tests =
        isRegExp(object) &&
        ['test', 'exec'].includes(property.name) &&
        first?.type === 'TemplateLiteral'
      const matches =
        object.type === 'TemplateLiteral' && MATCHES.includes(property.name) && isRegExp(first)
      if (!tests && !matches) return
      context.report({
        node: callee,
        message:
          'Do not match a template literal with a regular expression. Compare the value itself, for example with a list and includes().',
      })
    },
  }),
}

export default {
  meta: { name: 'plain-code' },
  rules: { 'no-object-cast': noObjectCast, 'no-regexp-on-template': noRegExpOnTemplate },
}
