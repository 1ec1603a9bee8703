import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestLog } from './request-log.ts';
import { element } from './stanza.ts';

test('who waits for requests is told when enough have come, or that too few did', async () => {
  const requests = new RequestLog();
  requests.add('ping');
  await requests.arrived('ping');
  const second = requests.arrived('ping', 2);
  requests.add('ping');
  await second;
  await assert.rejects(requests.arrived('ping', 3, 1), /2 of 3 "ping" requests came within 1 ms/);
});

test('an unknown stanza is noted by what tells it from others', () => {
  const requests = new RequestLog();
  requests.addUnknown(element('iq', { type: 'get', xmlns: 'w:mex', id: '1' }, [element('query')]));
  requests.addUnknown(element('call', { id: '2' }));
  assert.deepEqual(requests.unknown, ['iq get w:mex <query>', 'call']);
});
