import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import { Secret } from '../secret.ts';
import type { Tables } from './tables.ts';

/** The account that owns the instances. It recognises its tokens; only their hashes are kept. */
export interface Account {
  /** Whether `text` is what callers send as `Client-Token`. Takes the same time for every text of the same length. */
  isClientToken(text: string): boolean;
  /** Whether `text` is what partners send as `Authorization: Bearer`. In constant time, too. */
  isPartnerToken(text: string): boolean;
}

export interface AccountTokens {
  readonly clientToken?: Secret | undefined;
  readonly partnerToken?: Secret | undefined;
}

/**
 * The one account of this database, made when it is not there yet. Tokens in `preset` take the place of the stored
 * ones. Those that are then still missing are made, and `made` is the only time they can be seen.
 */
export async function openAccount(
  database: Kysely<Tables>,
  preset: AccountTokens,
): Promise<{ account: Account; made: AccountTokens }> {
  const stored = await database.selectFrom('account').selectAll().executeTakeFirst();
  const client = settle(preset.clientToken, stored?.client_token_hash, () => `F${randomHex()}S`);
  const partner = settle(preset.partnerToken, stored?.partner_token_hash, randomHex);

  const hashes = { client_token_hash: client.hash, partner_token_hash: partner.hash };
  await database
    .insertInto('account')
    .values({ id: '1', ...hashes, created_at: new Date().toISOString() })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(hashes))
    .execute();

  return {
    account: {
      isClientToken: (text) => isHashOf(text, client.hash),
      isPartnerToken: (text) => isHashOf(text, partner.hash),
    },
    made: { clientToken: client.made, partnerToken: partner.made },
  };
}

/** What a token comes to: the preset one, else the stored one, else a new one. */
function settle(
  preset: Secret | undefined,
  storedHash: string | undefined,
  make: () => string,
): { hash: string; made?: Secret } {
  if (preset) return { hash: hashOf(preset.reveal()) };
  if (storedHash !== undefined) return { hash: storedHash };
  const token = make();
  return { hash: hashOf(token), made: new Secret(token) };
}

const randomHex = (): string => randomBytes(16).toString('hex');

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

// Equal hashes are equal tokens, and they have one length, which the comparison wants.
const isHashOf = (text: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(text)), Buffer.from(hash));
