/** `npm run simulator`: a WhatsApp on this machine until SIGTERM or Ctrl-C. */
import { parseArgs } from 'node:util';
import { type Simulator, startSimulator } from './simulator.ts';

const help = `A simulated WhatsApp on 127.0.0.1, for trying things out without a phone.

Usage: npm run simulator -- [options]

  --port <number>  where to listen; 0, the default, takes any free port
  --json           print one line of JSON when ready: webSocketUrl, controlUrl, rootPublicKey (hex)
  --help           print this

docs/simulator.md describes how to make phones and groups, scan codes and cause trouble.
`;

interface Arguments {
  readonly port: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** Throws an `Error` that says what is wrong. */
function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new Error(`--port takes a number from 0 to 65535, not "${values.port}"`);
  }
  return { port, json: values.json, help: values.help };
}

function announce({ webSocketUrl, controlUrl, rootPublicKey }: Simulator, json: boolean): void {
  const root = Buffer.from(rootPublicKey).toString('hex');
  const line = JSON.stringify({ webSocketUrl, controlUrl, rootPublicKey: root });
  const lines = `The simulated WhatsApp is ready. Start the gateway with:

  POMBO_WHATSAPP_URL=${webSocketUrl}
  POMBO_WHATSAPP_ROOT_KEY=${root}

Phones and groups: ${controlUrl} (see docs/simulator.md). Ctrl-C ends it.`;
  console.log(json ? line : lines);
}

const stopped = new Promise<void>((resolve) => {
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
});

try {
  const { port, json, help: wantsHelp } = readArguments();
  if (wantsHelp) {
    process.stdout.write(help);
  } else {
    await using simulator = await startSimulator({ port, toleratesUnknownRequests: true });
    announce(simulator, json);
    await stopped;
    for (const request of new Set(simulator.unknownRequests)) console.error(`Not simulated: ${request}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
