/**
 * Returns a name of a definition as a part of a construct's ID. The CDK writes a slash in an ID as two hyphens, which would make
 * one construct of the names "a/b" and "a--b".
 *
 * @see [AWS: identifiers of constructs](https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html)
 */
export const constructId = (name: string): string =>
  name.replaceAll('%', '%25').replaceAll('/', '%2F')
