import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { failureAnswer } from './failure.ts';
import type { Handling } from './services.ts';

const operationWith = (output: Operation['output']): Operation => ({
  kind: 'connected',
  name: 'test',
  section: 'group',
  method: 'POST',
  path: '/test',
  summary: 'Test.',
  input: Type.Object({}),
  output,
  example: { input: {}, output: {} },
  errors: [],
  handle: async () => ({}),
});
const withValue = operationWith(Type.Object({ value: Type.Boolean() }));
const withSuccess = operationWith(Type.Object({ success: Type.Boolean() }));
const withText = operationWith(Type.Object({ value: Type.String() }));

const answer = (error: GatewayError, operation: Operation | undefined, handling: Handling = 'lenient') => {
  const { body, ...rest } = failureAnswer(error, { operation, handling, requestId: 'id-1' });
  assert.ok(typeof body === 'object');
  return { ...rest, body };
};

test('a refusal by WhatsApp is value: false inside a 200, as documented', () => {
  assert.deepEqual(answer(new GatewayError('not_group_admin', { message: 'No.' }), withValue), {
    status: 200,
    headers: {},
    body: { error: 'No.', code: 'not_group_admin', requestId: 'id-1', value: false },
  });
  assert.equal(answer(new GatewayError('group_not_found'), withSuccess).body.success, false);
});

test('with strict handling a refusal has the status of its error', () => {
  const { status, body } = answer(new GatewayError('not_group_admin'), withValue, 'strict');
  assert.equal(status, 403);
  assert.equal(body.value, false);
});

test('where success is no boolean there is no documented form of failure, so the status tells', () => {
  const { status, body } = answer(new GatewayError('group_not_found'), withText);
  assert.equal(status, 404);
  assert.ok(!('value' in body));
});

test('what is ours is always strict, and says no in the body, too', () => {
  const { status, body } = answer(new GatewayError('not_group_admin'), { ...withValue, isExtension: true });
  assert.equal(status, 403);
  assert.equal(body.value, false);
});

test('a request that could not be carried out always has its status, and says no in the body too', () => {
  const { status, body } = answer(new GatewayError('picture_unreadable'), withValue);
  assert.equal(status, 400);
  assert.equal(body.value, false);
});

test('how long to wait becomes Retry-After, in whole seconds, and may change the status', () => {
  const { status, headers } = answer(
    new GatewayError('not_connected', { retryAfterSeconds: 1.2 }),
    withValue,
  );
  assert.equal(status, 503);
  assert.equal(headers['retry-after'], '2');
  assert.equal(answer(new GatewayError('not_connected'), withValue).status, 409);
});

test('a missing partner token asks for one', () => {
  assert.equal(
    answer(new GatewayError('partner_token_missing'), undefined).headers['www-authenticate'],
    'Bearer',
  );
});

test('details stand in the body, and the cause does not', () => {
  const error = new GatewayError('whatsapp_refused', {
    details: { whatsappCode: 409 },
    cause: new Error('secret'),
  });
  const { body } = answer(error, withValue);
  assert.equal(body.whatsappCode, 409);
  assert.ok(!JSON.stringify(body).includes('secret'));
});
