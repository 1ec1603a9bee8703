import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proto } from 'baileys';
import { FaultBook } from '../../../simulator/faults.ts';
import { RequestLog } from '../../../simulator/request-log.ts';
import { simulatorRoot } from '../../../simulator/wire/certificate.ts';
import { listen } from '../../../simulator/wire/listener.ts';
import { dial } from './test-connection.fixture.ts';

/** What a companion says of itself to whoever might link it. */
async function introductionOf(deviceName: string | undefined): Promise<proto.IClientPayload> {
  const introduced = Promise.withResolvers<proto.IClientPayload>();
  const root = simulatorRoot();
  await using listener = await listen({
    port: 0,
    root,
    faults: new FaultBook([]),
    requests: new RequestLog(),
    onRequest: () => undefined,
    introduce(_connection, { payload }) {
      introduced.resolve(payload);
      return { receive: () => undefined, closed: () => undefined };
    },
    onError: introduced.reject,
  });
  const webSocketUrl = `ws://127.0.0.1:${listener.port}/ws/chat`;
  await using _dialling = await dial({ webSocketUrl, rootPublicKey: root.public }, { deviceName });
  return await introduced.promise;
}

for (const deviceName of [undefined, 'Loja São João', 'Desktop', 'Android']) {
  test(`a companion is a plain browser that wants no full history, whatever it is called (${deviceName})`, async () => {
    const { userAgent, webInfo, devicePairingData } = await introductionOf(deviceName);
    const { UserAgent, WebInfo } = proto.ClientPayload;
    assert.equal(userAgent?.platform, UserAgent.Platform.WEB);
    assert.equal(webInfo?.webSubPlatform, WebInfo.WebSubPlatform.WEB_BROWSER);
    const companion = proto.DeviceProps.decode(devicePairingData?.deviceProps ?? new Uint8Array());
    assert.equal(companion.platformType, proto.DeviceProps.PlatformType.CHROME);
    assert.equal(companion.requireFullSync, false);
    assert.equal(companion.os, deviceName ?? 'Mac OS');
  });
}
