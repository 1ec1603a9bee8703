import { randomBytes } from 'node:crypto';
import {
  type AuthenticationCreds,
  aesEncryptCTR,
  type BinaryNode,
  bytesToCrockford,
  derivePairingCodeKey,
  getCompanionPlatformId,
  S_WHATSAPP_NET,
} from 'baileys';
import { GatewayError } from '../../errors.ts';
import { type PhoneNumber, userIdOfPhone } from '../../ids.ts';
import { unknownName } from './me.ts';
import type { Query } from './query.ts';
import { accountFailure, Refusal } from './refusal.ts';
import { browser } from './socket.ts';

interface PairingCodeRequest {
  readonly query: Query;
  readonly creds: AuthenticationCreds;
  readonly phone: PhoneNumber;
  /** Throws when no code could link any more. Called when WhatsApp has accepted, before anything is changed. */
  readonly mustBeOfUse: () => void;
}

/**
 * Asks WhatsApp to let `phone` link this device with an 8-character code, and resolves with the code once WhatsApp has
 * accepted. Baileys carries on from there when the phone's user has typed it.
 *
 * Not Baileys' `requestPairingCode`: that resolves whatever WhatsApp answers, and makes the credentials look like those
 * of a linked device even when the request was refused.
 * Errors: `pairing_refused`, `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_timeout`, and what
 * `mustBeOfUse` throws.
 * Source: whatsmeow pair-code.go, PairPhone.
 */
export async function requestPairingCode({
  query,
  creds,
  phone,
  mustBeOfUse,
}: PairingCodeRequest): Promise<string> {
  const code = bytesToCrockford(randomBytes(5));
  const jid = userIdOfPhone(phone);
  try {
    await query(
      {
        attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' },
        content: [
          {
            tag: 'link_code_companion_reg',
            attrs: { jid, stage: 'companion_hello', should_show_push_notification: 'true' },
            content: [
              bytes('link_code_pairing_wrapped_companion_ephemeral_pub', await wrappedKey(code, creds)),
              bytes('companion_server_auth_key_pub', creds.noiseKey.public),
              bytes('companion_platform_id', Buffer.from(getCompanionPlatformId(browser))),
              // WhatsApp checks this text: only "<known browser> (<known system>)" gets a code.
              bytes('companion_platform_display', Buffer.from(`${browser[1]} (${browser[0]})`)),
              bytes('link_code_pairing_nonce', Buffer.of(0)),
            ],
          },
        ],
      },
      'Ask for a new code.',
    );
  } catch (error) {
    throw codeFailure(error);
  }
  mustBeOfUse();
  // Baileys needs both to answer the phone. They are not stored (the credentials are not linked), so if the connection
  // is lost the next one does not try to log in as this phone.
  creds.pairingCode = code;
  creds.me = { id: jid, name: unknownName };
  return code;
}

/** The key of this pairing, readable for whoever knows the code: salt, initialisation vector, encrypted key. */
async function wrappedKey(code: string, creds: AuthenticationCreds): Promise<Buffer> {
  const salt = randomBytes(32);
  const vector = randomBytes(16);
  const key = await derivePairingCodeKey(code, salt);
  return Buffer.concat([salt, vector, aesEncryptCTR(creds.pairingEphemeralKeyPair.public, key, vector)]);
}

function codeFailure(error: unknown): unknown {
  const failure = accountFailure(error);
  if (!(error instanceof Refusal && failure instanceof GatewayError)) return failure;
  if (failure.code !== 'whatsapp_refused') return failure;
  return new GatewayError('pairing_refused', { cause: error, details: failure.details });
}

const bytes = (tag: string, content: Uint8Array): BinaryNode => ({ tag, attrs: {}, content });
