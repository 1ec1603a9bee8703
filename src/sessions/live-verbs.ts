import type { WhatsApp } from '../whatsapp/whatsapp.ts';

/**
 * The verbs of whichever connection is live when one of them is called, for callers who have other things to do first:
 * the session may reconnect meanwhile. `live` gives that connection's verbs, or rejects with `not_connected`.
 */
export const liveVerbs = ({ me }: WhatsApp, live: () => Promise<WhatsApp>): WhatsApp => ({
  me,
  caughtUp: async () => (await live()).caughtUp(),
  createGroup: async (...input) => (await live()).createGroup(...input),
  groups: async () => (await live()).groups(),
  group: async (...input) => (await live()).group(...input),
  groupInviteCode: async (...input) => (await live()).groupInviteCode(...input),
  setGroupPhoto: async (...input) => (await live()).setGroupPhoto(...input),
  removeGroupPhoto: async (...input) => (await live()).removeGroupPhoto(...input),
  groupPhoto: async (...input) => (await live()).groupPhoto(...input),
  sendText: async (...input) => (await live()).sendText(...input),
  markRead: async (...input) => (await live()).markRead(...input),
  rejectCall: async (...input) => (await live()).rejectCall(...input),
  profile: async () => (await live()).profile(),
  setProfileName: async (...input) => (await live()).setProfileName(...input),
  setProfileAbout: async (...input) => (await live()).setProfileAbout(...input),
  setProfilePhoto: async (...input) => (await live()).setProfilePhoto(...input),
});
