/** Decides whom a client talks to once it has introduced itself: whoever links it, its session, or nobody. */
import { DeviceSession } from './device-session.ts';
import type { FaultBook } from './faults.ts';
import { deviceLoggingIn, disturbLogin, isOutdated, logIn, outdatedClient, unknownDevice } from './login.ts';
import { Registration } from './pairing/registration.ts';
import type { Registrations } from './pairing/registrations.ts';
import type { RequestLog } from './request-log.ts';
import type { IqHandler } from './stanza.ts';
import type { Connection, Introduction, Party } from './wire/connection.ts';
import type { World } from './world.ts';

interface ReceptionOptions {
  readonly world: World;
  readonly registrations: Registrations;
  readonly handlers: readonly IqHandler[];
  readonly faults: FaultBook;
  readonly requests: RequestLog;
}

/** Says nothing and does nothing. */
const nobody: Party = { receive: () => undefined, closed: () => undefined };

export function receive(
  { world, registrations, handlers, faults, requests }: ReceptionOptions,
  connection: Connection,
  introduction: Introduction,
): Party {
  if (isOutdated(world, introduction)) {
    connection.end(outdatedClient());
    return nobody;
  }
  if (introduction.payload.devicePairingData) {
    const onClosed = (closed: Registration) => registrations.remove(closed);
    const registration = new Registration({ connection, introduction, faults, requests, onClosed });
    registrations.add(registration);
    return registration;
  }
  requests.add('login');
  const fault = faults.take('login');
  const backlogDelayMs = fault && 'backlogDelayMs' in fault ? fault.backlogDelayMs : undefined;
  if (fault && backlogDelayMs === undefined) {
    disturbLogin(fault, connection);
    return nobody;
  }
  const device = deviceLoggingIn(world, introduction);
  if (!device) {
    connection.end(unknownDevice());
    return nobody;
  }
  logIn(device, connection, { backlogDelayMs });
  return new DeviceSession({ world, device, connection, handlers, faults, requests });
}
