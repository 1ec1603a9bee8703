import { GatewayError } from '../src/errors.ts';
import type { LiveSession, Services } from '../src/http/services.ts';
import { instanceIdFrom } from '../src/ids.ts';
import type { Instance } from '../src/operation.ts';

/** The secrets and the instance that `inMemoryServices` knows. */
export const known = {
  clientToken: 'F0123456789abcdef0123456789abcdefS',
  partnerToken: 'partner-0123456789abcdef',
  instanceId: instanceIdFrom('3D2A8F4B6C1E4F7A9B0C5D8E2F6A1B3C'),
  instanceToken: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
} as const;

/** Services that keep everything in memory, with one instance whose phone was never paired. */
export function inMemoryServices(others: Partial<Services> = {}): Services {
  const instances = new Map<string, Instance>([[known.instanceId, instance('Support')]]);
  return {
    account: {
      asksForClientToken: true,
      isClientToken: (text) => text === known.clientToken,
      isPartnerToken: (text) => text === known.partnerToken,
    },
    findInstance: async (id) => {
      const found = instances.get(id);
      return found && { instance: found, session: unpaired };
    },
    createInstance: async ({ name, ...settings }) => ({ ...instance(name), settings }),
    readPicture: async () => new Uint8Array(),
    renderGroupPhoto: async (picture) => picture,
    isReady: async () => true,
    handling: 'lenient',
    version: '0.0.0',
    ...others,
  };
}

const instance = (name: string): Instance => ({
  id: known.instanceId,
  name,
  token: known.instanceToken,
  createdAt: new Date(0),
  settings: {},
});

const offline = () => Promise.reject(new GatewayError('not_connected'));

const unpaired: LiveSession = {
  status: () => ({ state: 'unpaired', connected: false, paired: false, me: undefined }),
  qr: offline,
  pairingCode: offline,
  connected: offline,
  disconnect: async () => {},
  restart: async () => {},
  photoTurns: { take: () => ({ arrived: Promise.resolve(), [Symbol.dispose]() {} }) },
};
