/**
 * The error names of token endpoints and of AWS services that may become part of a message.
 *
 * Only these: a server that echoes a secret or a token as its error's name must not get it into a log, and a secret of
 * letters and digits cannot be distinguished from a name by its form.
 *
 * @see [IANA: OAuth extensions errors](https://www.iana.org/assignments/oauth-parameters/oauth-parameters.xhtml#extensions-error)
 * @see [AWS: common errors](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html)
 */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  'access_denied',
  'interaction_required',
  'insufficient_scope',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_dpop_proof',
  'invalid_grant',
  'invalid_request',
  'invalid_resource',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'server_error',
  'slow_down',
  'temporarily_unavailable',
  'too_many_requests',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_token_type',
  'use_dpop_nonce',
  'AccessDeniedException',
  'DecryptionFailure',
  'ExpiredTokenException',
  'ForbiddenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InternalErrorException',
  'InternalFailure',
  'InternalServiceError',
  'InvalidClientTokenId',
  'InvalidParameterException',
  'InvalidRequestException',
  'InvalidSignatureException',
  'LimitExceededException',
  'MissingAuthenticationTokenException',
  'NotAuthorizedException',
  'OperationNotEnabledException',
  'ResourceNotFoundException',
  'ScopeDoesNotExistException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'ThrottlingException',
  'TooManyRequestsException',
  'UnrecognizedClientException',
  'ValidationException',
])

/** Returns an error's name if it is a known one; empty for anything else. */
export const knownErrorName = (name: unknown): string =>
  typeof name === 'string' && KNOWN_NAMES.has(name) ? name : ''
