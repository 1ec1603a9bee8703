/**
 * The server's side of `Noise_XX_25519_AESGCM_SHA256`, as WhatsApp uses it.
 * Sources: noiseprotocol.org §5 and §7.5; Baileys Utils/noise-handler.ts and whatsmeow handshake.go for the
 * client's side.
 */
import { createHash, hkdfSync } from 'node:crypto';
import { aesDecryptGCM, aesEncryptGCM, Curve, type KeyPair, proto } from 'baileys';

/** Exactly 32 bytes, so Noise takes the name itself, unhashed, as the first hash, salt and key. */
const protocolName = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0', 'latin1');
const noAdditionalData = Buffer.alloc(0);

function initializationVector(counter: number): Buffer {
  const vector = Buffer.alloc(12);
  vector.writeUInt32BE(counter, 8);
  return vector;
}

function deriveTwoKeys(secret: Uint8Array, salt: Uint8Array): [Buffer, Buffer] {
  const keys = Buffer.from(hkdfSync('sha256', secret, salt, '', 64));
  return [keys.subarray(0, 32), keys.subarray(32)];
}

/** The cipher after the handshake: a key and a counter for each direction. */
export class Transport {
  readonly #receiveKey: Buffer;
  readonly #sendKey: Buffer;
  #received = 0;
  #sent = 0;

  constructor({ receiveKey, sendKey }: { receiveKey: Buffer; sendKey: Buffer }) {
    this.#receiveKey = receiveKey;
    this.#sendKey = sendKey;
  }

  encrypt(plaintext: Uint8Array): Buffer {
    return aesEncryptGCM(plaintext, this.#sendKey, initializationVector(this.#sent++), noAdditionalData);
  }

  decrypt(ciphertext: Uint8Array): Buffer {
    return aesDecryptGCM(
      ciphertext,
      this.#receiveKey,
      initializationVector(this.#received++),
      noAdditionalData,
    );
  }
}

/** What the client's last handshake message told, and the cipher for all that follows. */
export interface Handshaken {
  /** The device's long-lived public key. */
  readonly noiseKey: Buffer;
  readonly payload: proto.ClientPayload;
  readonly transport: Transport;
}

interface HandshakeOptions {
  readonly staticKey: KeyPair;
  /** The encoded chain whose leaf is `staticKey`. */
  readonly certificate: Uint8Array;
  /** The client's first 4 bytes. */
  readonly prologue: Uint8Array;
}

/** One handshake: `answerHello`, then `finish`. Both throw when the client's message is not what it should be. */
export class NoiseHandshake {
  readonly #staticKey: KeyPair;
  readonly #certificate: Uint8Array;
  readonly #ephemeral = Curve.generateKeyPair();
  #hash: Buffer = protocolName;
  #salt: Buffer = protocolName;
  #key: Buffer = protocolName;
  #counter = 0;

  constructor({ staticKey, certificate, prologue }: HandshakeOptions) {
    this.#staticKey = staticKey;
    this.#certificate = certificate;
    this.#authenticate(prologue);
  }

  /** Takes the client's hello and gives the server's. */
  answerHello(message: Uint8Array): Uint8Array {
    const clientEphemeral = proto.HandshakeMessage.decode(message).clientHello?.ephemeral;
    if (clientEphemeral?.length !== 32) throw new Error('The client hello has no ephemeral key');
    this.#authenticate(clientEphemeral);
    this.#authenticate(this.#ephemeral.public);
    this.#mix(Curve.sharedKey(this.#ephemeral.private, clientEphemeral));
    const staticKey = this.#encrypt(this.#staticKey.public);
    this.#mix(Curve.sharedKey(this.#staticKey.private, clientEphemeral));
    const payload = this.#encrypt(this.#certificate);
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.#ephemeral.public, static: staticKey, payload },
    }).finish();
  }

  /** Takes the client's last message. */
  finish(message: Uint8Array): Handshaken {
    const finish = proto.HandshakeMessage.decode(message).clientFinish;
    if (!finish?.static || !finish.payload) throw new Error('The client finish lacks its key or its payload');
    const noiseKey = this.#decrypt(finish.static);
    this.#mix(Curve.sharedKey(this.#ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.#decrypt(finish.payload));
    const [receiveKey, sendKey] = deriveTwoKeys(Buffer.alloc(0), this.#salt);
    return { noiseKey, payload, transport: new Transport({ receiveKey, sendKey }) };
  }

  #authenticate(bytes: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(bytes).digest();
  }

  #mix(secret: Uint8Array): void {
    [this.#salt, this.#key] = deriveTwoKeys(secret, this.#salt);
    this.#counter = 0;
  }

  #encrypt(plaintext: Uint8Array): Buffer {
    const ciphertext = aesEncryptGCM(plaintext, this.#key, initializationVector(this.#counter++), this.#hash);
    this.#authenticate(ciphertext);
    return ciphertext;
  }

  #decrypt(ciphertext: Uint8Array): Buffer {
    const plaintext = aesDecryptGCM(ciphertext, this.#key, initializationVector(this.#counter++), this.#hash);
    this.#authenticate(ciphertext);
    return plaintext;
  }
}
