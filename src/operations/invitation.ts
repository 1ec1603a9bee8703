import { GatewayError } from '../errors.ts';
import type { GroupId } from '../ids.ts';
import type { WhatsApp } from '../whatsapp/whatsapp.ts';

interface Invitation {
  readonly invitationLink: string | null;
  /** Why there is no link. */
  readonly invitationLinkError: string | null;
}

/** The invitation link of a group. A failed look-up is part of the answer, as the API documents it, not an error. */
export async function invitationOf(group: GroupId, whatsapp: WhatsApp): Promise<Invitation> {
  try {
    const code = await whatsapp.groupInviteCode(group);
    return { invitationLink: `https://chat.whatsapp.com/${code}`, invitationLinkError: null };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { invitationLink: null, invitationLinkError: reasonOf(error) };
  }
}

function reasonOf(error: GatewayError): string {
  switch (error.code) {
    case 'not_group_admin':
      return 'not-authorized';
    case 'not_group_member':
      return 'forbidden';
    case 'whatsapp_rate_limited':
      return 'too many requests';
    default:
      return error.message;
  }
}
