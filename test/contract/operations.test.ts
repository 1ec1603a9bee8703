import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isForPartners, methodsOf, type Operation, photoFile } from '../../src/operation.ts';
import * as list from '../../src/operations/index.ts';
import { clientToken, createInstance, partnerToken, startWorld, type World } from '../harness.ts';
import { type Answer, call, type Difference, type Target } from './call.ts';

const operations: readonly Operation[] = Object.values(list);

let world: World;
let target: Target;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

for (const operation of operations) {
  const ask = (difference?: Difference) => call(target, operation, difference);
  const method = methodsOf(operation).find((taken) => taken === 'POST' || taken === 'PUT'); // one that takes a body
  const required: readonly string[] = operation.input.required ?? [];
  const requiredInBody = required.filter((field) => !operation.path.includes(`{${field}}`));

  describe(operation.name, () => {
    // Some change it for good.
    beforeEach(async () => {
      const { id, token } = await createInstance(world.gateway.url);
      target = { url: world.gateway.url, clientToken, partnerToken, instanceId: id, instanceToken: token };
    });

    test('a method that is not taken is refused, naming those that are', async () => {
      const answer = await ask({ method: 'PATCH' });
      assertFailure(answer, 405, 'method_not_allowed');
      const allowed = answer.headers.get('allow')?.split(', ') ?? [];
      for (const taken of methodsOf(operation)) assert.ok(allowed.includes(taken), `${taken} of ${allowed}`);
    });

    if (isForPartners(operation)) {
      test('needs the partner token, and no client token', async () => {
        const missing = await ask({
          headers: { Authorization: undefined, 'Client-Token': clientToken },
        });
        assertFailure(missing, 401, 'partner_token_missing');
        assertFailure(await ask({ headers: { Authorization: 'Bearer wrong' } }), 401, 'partner_token_wrong');
        const { status, body } = await ask();
        if (!('code' in body))
          assert.ok([operation.successStatus ?? 200, 400].includes(status), String(status));
      });
    } else {
      test('needs the client token', async () => {
        const missing = await ask({ headers: { 'Client-Token': undefined } });
        assertFailure(missing, 400, 'client_token_missing');
        assert.equal(missing.body.error, 'your client-token is not configured');
        assertFailure(await ask({ headers: { 'Client-Token': 'wrong' } }), 403, 'client_token_wrong');
      });
    }

    if (operation.kind !== 'partner') {
      test('an unknown instance and a wrong token answer the same', async () => {
        const unknown = await ask({ instanceId: 'F'.repeat(32) });
        const mismatched = await ask({ instanceToken: 'F'.repeat(32) });
        assertFailure(unknown, 404, 'instance_not_found');
        assert.deepEqual(withoutChance(mismatched), withoutChance(unknown));
      });
    }

    test('tells how refusals are answered when it is asked for', async () => {
      const answer = await ask({ headers: { Prefer: 'handling=strict' } });
      assert.equal(answer.headers.get('preference-applied'), 'handling=strict');
    });

    if (method && operation.isExtension) {
      test('refuses a field that it does not know, as it is ours', async () => {
        const body = JSON.stringify({ ...(operation.example.input as object), grouppid: 'x' });
        const answer = await ask({ method, body });
        assertFailure(answer, 400, 'invalid_request');
        assert.deepEqual(answer.body.fields, ['grouppid']);
      });
    }

    if (operation.kind === 'connected') {
      test('says that the phone is not connected', async () => {
        assertFailure(await ask(), 409, 'not_connected');
      });
    }

    for (const other of methodsOf(operation).slice(1)) {
      test(`answers ${other} as it answers ${operation.method}`, async () => {
        assert.deepEqual(withoutChance(await ask({ method: other })), withoutChance(await ask()));
      });
    }

    if (operation.takesIdempotencyKey) {
      test('takes an Idempotency-Key on an instance, and answers with JSON that can be kept', () => {
        assert.ok(!isForPartners(operation));
        assert.notEqual(operation.output, photoFile);
      });

      test('refuses what is no Idempotency-Key, naming the header', async () => {
        const answer = await ask({ headers: { 'Idempotency-Key': 'no key' } });
        assertFailure(answer, 400, 'invalid_request');
        assert.deepEqual(answer.body.fields, ['Idempotency-Key']);
      });
    } else {
      test('passes an Idempotency-Key over', async () => {
        const answer = await ask({ headers: { 'Idempotency-Key': 'no key' } });
        assert.notDeepEqual(answer.body.fields, ['Idempotency-Key']);
      });
    }

    if (operation.takesIdempotencyKey && operation.kind === 'connected') {
      test('says that the phone is not connected whenever it is asked, with an Idempotency-Key, too', async () => {
        for (const headers of [
          { 'Idempotency-Key': operation.name },
          { 'Idempotency-Key': operation.name },
        ]) {
          const answer = await ask({ headers });
          assertFailure(answer, 409, 'not_connected');
          assert.equal(answer.headers.get('idempotency-replayed'), null);
        }
      });
    }

    if (operation.upload) {
      test('a file fills a field that it has', () => {
        assert.ok(operation.upload && operation.upload in operation.input.properties);
      });
    }

    if (method) {
      test('refuses a body that is of no type it takes', async () => {
        const answer = await ask({ method, body: 'text', headers: { 'Content-Type': 'text/plain' } });
        assertFailure(answer, 415, 'unsupported_media_type');
      });

      test('refuses broken JSON, and JSON that is no object', async () => {
        assertFailure(await ask({ method, body: '{"' }), 400, 'invalid_request');
        assertFailure(await ask({ method, body: '[]' }), 400, 'invalid_request');
      });
    }

    if (method && requiredInBody.length > 0) {
      test('names every field that is missing, however an empty body is declared', async () => {
        for (const type of [undefined, 'application/json', 'application/x-www-form-urlencoded']) {
          const answer = await ask({ method, body: '', headers: { 'Content-Type': type } });
          assertFailure(answer, 400, 'invalid_request');
          assert.deepEqual(answer.body.fields, requiredInBody);
          for (const field of requiredInBody)
            assert.match(String(answer.body.error), new RegExp(`\\b${field}\\b`));
        }
      });
    }
  });
}

function assertFailure({ status, body }: Answer, expectedStatus: number, code: string): void {
  assert.deepEqual({ status, code: body.code }, { status: expectedStatus, code });
}

/** An answer without what differs between any two requests. */
function withoutChance({ status, headers, body }: Answer) {
  const chance = ['date', 'x-request-id'];
  return {
    status,
    headers: [...headers].filter(([name]) => !chance.includes(name)),
    body: { ...body, requestId: undefined },
  };
}
