/** What Z-API has, as its reference names it, is here under the same names, methods and paths. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Method, methodsOf, type Operation } from '../../src/operation.ts';
import * as list from '../../src/operations/index.ts';

const operations: readonly Operation[] = Object.values(list);

/** The sections "instance" and "partner" of Z-API's reference, and the second verbs that its clients use. */
const reference: readonly [name: string, path: string, methods: readonly Method[]][] = [
  ['status', '/status', ['GET']],
  ['me', '/me', ['GET']],
  ['device', '/device', ['GET']],
  ['qr-code', '/qr-code', ['GET']],
  ['qr-code-image', '/qr-code/image', ['GET']],
  ['phone-code', '/phone-code/{phone}', ['GET']],
  ['disconnect', '/disconnect', ['GET', 'POST']],
  ['restart', '/restart', ['GET', 'POST']],
  ['restore-session', '/restore-session', ['GET', 'POST']],
  ['extension-token', '/extension-token', ['GET']],
  ['update-name', '/update-name', ['PUT', 'POST']],
  ['profile-name', '/profile-name', ['PUT', 'POST']],
  ['profile-description', '/profile-description', ['PUT', 'POST']],
  ['profile-picture', '/profile-picture', ['PUT', 'POST']],
  ['update-auto-read-message', '/update-auto-read-message', ['PUT', 'POST']],
  ['update-auto-read-status', '/update-auto-read-status', ['PUT', 'POST']],
  ['update-call-reject-auto', '/update-call-reject-auto', ['PUT', 'POST']],
  ['update-call-reject-message', '/update-call-reject-message', ['PUT', 'POST']],
  ['create-instance', '/instances/integrator/on-demand', ['POST']],
  ['list-instances', '/instances', ['GET']],
  ['subscription', '/integrator/on-demand/subscription', ['POST']],
  ['cancel', '/integrator/on-demand/cancel', ['POST']],
  ['subscription-update', '/integrator/on-demand/subscription/update', ['PUT']],
  ['integrator-subscription-update', '/integrator/subscription/update', ['PUT']],
  ['configure-proxy', '/integrator/configure-proxy', ['PUT']],
  ['update-proxy-webhook', '/update-proxy-webhook', ['PUT']],
];

for (const [name, path, methods] of reference) {
  test(`${name} is ${methods.join(' and ')} ${path}`, () => {
    const operation = operations.find((one) => one.name === name);
    assert.ok(operation, 'there is no such operation');
    assert.equal(operation.path, path);
    assert.equal(operation.method, methods[0], 'the method of the reference comes first');
    for (const method of methods) assert.ok(methodsOf(operation).includes(method), method);
  });
}

test('what is in these sections and not in the reference is marked as ours', () => {
  const names = new Set(reference.map(([name]) => name));
  for (const { name, section, isExtension } of operations) {
    if (section !== 'instance' && section !== 'partner') continue;
    assert.equal(isExtension === true, !names.has(name), name);
  }
});
