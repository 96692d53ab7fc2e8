/**
 * What a resource policy of API Gateway may begin with instead of the ARN of its API.
 *
 * @see [AWS: access policy language for API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-policy-language-overview.html)
 */
export const SHORT_FORM = 'execute-api:/'
