import { type Static, Type } from 'typebox';
import type { Subscription } from '../instance.ts';

/** What a subscription comes to in the answers; clients look for `ACTIVE`. */
export const paymentStatus = Type.Enum(['ACTIVE', 'CANCELED'], {
  description:
    '`ACTIVE`, or `CANCELED` once `cancel` was called. Nothing is billed, and the instance works either way.',
});

export const paymentStatusOf = ({ state }: Subscription): Static<typeof paymentStatus> =>
  state === 'active' ? 'ACTIVE' : 'CANCELED';
