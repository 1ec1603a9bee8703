import type { AuthenticationCreds } from 'baileys';
import { parsePhoneNumber, parseUserId } from '../../ids.ts';
import type { Me, PhonePlatform } from '../whatsapp.ts';

/** What Baileys, and we as it does, write for the name of an account that is not known yet. */
export const unknownName = '~';

const platforms: readonly PhonePlatform[] = ['android', 'iphone', 'smba', 'smbi'];

/** Who we are, by the credentials of a linked device. */
export function meFrom({ me, platform }: Pick<AuthenticationCreds, 'me' | 'platform'>): Me {
  const { id = '', lid, name } = me ?? {};
  const phone = parsePhoneNumber(id.replace(/[:@].*$/, ''));
  if (!phone) throw new Error(`WhatsApp says that we are "${id}", which is not a phone number.`);
  return {
    phone,
    lid: lid ? parseUserId(lid) : undefined,
    name: name === unknownName ? undefined : name,
    device: Number(/:(\d+)@/.exec(id)?.[1] ?? 0),
    platform: platforms.find((known) => known === platform),
  };
}
