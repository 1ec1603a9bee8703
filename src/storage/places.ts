/**
 * The places at which values are sealed, see `SecretBox`: where a row says that it is. They are part of what is stored,
 * so none of them may ever change.
 */
export const placeOf = {
  secretKeyCheck: 'secret_key/1',
  instanceToken: (instance: string): string => `instance/${instance}/token`,
  instanceProxy: (instance: string): string => `instance/${instance}/proxy`,
  sessionKey: (instance: string, type: string, id: string): string => `session_key/${instance}/${type}/${id}`,
  idempotentAnswer: (instance: string, keyHash: string): string =>
    `idempotent_request/${instance}/${keyHash}`,
};
