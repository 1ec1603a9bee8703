/** Who may call: the secrets in the address and in the headers. All comparisons take constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import { instanceIdFrom } from '../ids.ts';
import type { AccountSecrets, LiveInstance, Services } from './services.ts';

/**
 * Checks the `Client-Token` header, where the account asks for one.
 *
 * Errors: `client_token_missing`, `client_token_wrong`.
 */
export function checkClientToken(account: AccountSecrets, header: string | undefined): void {
  if (!account.asksForClientToken) return;
  if (!header) throw new GatewayError('client_token_missing');
  if (!account.isClientToken(header)) throw new GatewayError('client_token_wrong');
}

/**
 * Checks the header `Authorization: Bearer <partner token>`.
 *
 * Errors: `partner_token_missing`, `partner_token_wrong`.
 */
export function checkPartnerToken(account: AccountSecrets, header: string | undefined): void {
  const token = /^Bearer +(?<token>\S+)$/i.exec(header?.trim() ?? '')?.groups?.token;
  if (!token) throw new GatewayError('partner_token_missing');
  if (!account.isPartnerToken(token)) throw new GatewayError('partner_token_wrong');
}

/**
 * The instance that the id and the token in an address belong to.
 *
 * Errors: `instance_not_found`, the same for an unknown id and for a token that is not its own.
 */
export async function findInstance(
  services: Pick<Services, 'findInstance'>,
  address: { readonly instanceId: string; readonly token: string },
): Promise<LiveInstance> {
  const found = await services.findInstance(instanceIdFrom(address.instanceId));
  // Compared in any case, so that the time tells nothing about which ids exist.
  const isToken = isSame(address.token, found?.instance.token ?? '');
  if (!found || !isToken) throw new GatewayError('instance_not_found');
  return found;
}

/** Hashed first: the comparison needs equal lengths, and the length is nobody's business either. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(sha256(one), sha256(other));

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
