import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressRules } from './address-rules.ts';

const destination = (address: string, hostname = 'pictures.test', port = 443) => ({
  hostname,
  port,
  address,
});

test('addresses of the public internet are fetched from', () => {
  const mayConnect = addressRules([]);
  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::200e']) {
    assert.equal(mayConnect(destination(address)), true, address);
  }
});

test('addresses that are private or special are not', () => {
  const mayConnect = addressRules([]);
  const forbidden = {
    unspecified: ['0.0.0.0', '0.1.2.3', '::'],
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    private: ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fdff::1', 'fec0::1'],
    'link-local': ['169.254.1.1', 'fe80::1', 'fe80::1%eth0'],
    metadata: ['169.254.169.254', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254'],
    'shared by a carrier': ['100.64.0.1', '100.127.255.255'],
    multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
    broadcast: ['255.255.255.255'],
    reserved: [
      '240.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '2001:db8::1',
      '100::1',
      '4000::1',
    ],
    'not an address': ['', 'localhost', '1.2.3.4.5', '::g'],
  };
  for (const [kind, addresses] of Object.entries(forbidden)) {
    for (const address of addresses)
      assert.equal(mayConnect(destination(address)), false, `${kind}: ${address}`);
  }
});

test('no IPv6 address that holds an IPv4 address is fetched from, whatever is inside', () => {
  const mayConnect = addressRules([]);
  const group = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16));
  const forms = fc.constantFrom(
    (a: string, b: string) => `::ffff:${a}:${b}`,
    (a: string, b: string) => `::${a}:${b}`,
    (a: string, b: string) => `::ffff:0:${a}:${b}`,
    (a: string, b: string) => `64:ff9b::${a}:${b}`,
    (a: string, b: string) => `64:ff9b:1::${a}:${b}`,
    (a: string, b: string) => `2002:${a}:${b}::1`,
    (a: string, b: string) => `2001:0:${a}:${b}::1`,
  );
  fc.assert(
    fc.property(forms, group, group, (form, a, b) => {
      assert.equal(mayConnect(destination(form(a, b))), false);
    }),
  );
});

test('a listed host is exempt with every address it has, on the listed port alone', () => {
  const mayConnect = addressRules(['minio:9000', 'Files.Intern']);
  assert.equal(mayConnect(destination('10.0.0.5', 'minio', 9000)), true);
  assert.equal(mayConnect(destination('10.0.0.5', 'minio', 80)), false);
  assert.equal(mayConnect(destination('10.0.0.5', 'minio.evil.test', 9000)), false);
  assert.equal(mayConnect(destination('127.0.0.1', 'files.intern', 80)), true);
  assert.equal(
    mayConnect(destination('127.0.0.1', 'files.intern.', 80)),
    true,
    'the name with the root dot is the same',
  );
  assert.equal(mayConnect(destination('127.0.0.1', 'otherfiles.intern', 80)), false);
});

test('a listed address or network is exempt under every name that leads there', () => {
  const mayConnect = addressRules([
    '10.0.0.0/8',
    '192.168.1.7',
    '192.168.1.8:9000',
    'fd00::/16',
    '[fd01::7]:9000',
    'fd02::7',
  ]);
  assert.equal(mayConnect(destination('10.200.0.1')), true);
  assert.equal(mayConnect(destination('::ffff:10.200.0.1')), true, 'the same host, written as IPv6');
  assert.equal(mayConnect(destination('192.168.1.7')), true);
  assert.equal(mayConnect(destination('192.168.1.6')), false);
  assert.equal(mayConnect(destination('192.168.1.8', 'nas.test', 9000)), true);
  assert.equal(mayConnect(destination('192.168.1.8', 'nas.test', 80)), false);
  assert.equal(mayConnect(destination('fd00:1::1')), true);
  assert.equal(mayConnect(destination('fd01::7', 'nas.test', 9000)), true);
  assert.equal(mayConnect(destination('fd01::7', 'nas.test', 80)), false);
  assert.equal(mayConnect(destination('fd02::7')), true);
  assert.equal(mayConnect(destination('fd03::7')), false);
});

test('an entry that is none of these is refused by name', () => {
  for (const entry of ['', 'http://minio', '10.0.0.0/33', 'minio:99999', '[minio]:80', 'a b']) {
    assert.throws(
      () => addressRules(['minio', entry]),
      { name: 'RangeError', message: /is not a host/ },
      entry,
    );
  }
});
