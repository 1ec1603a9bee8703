import { type ErrorCode, GatewayError } from '../errors.ts';
import { pictureTooLarge } from '../picture-too-large.ts';
import { FetchError, type FetchReason } from './fetch-error.ts';
import { limits } from './limits.ts';

type Sentence = (error: FetchError) => string;

/** What the caller is told about each way in which the fetch of a picture ends, and what can be done about it. */
const failures: Record<FetchReason, readonly [ErrorCode, Sentence]> = {
  'url-invalid': [
    'picture_url_invalid',
    () => 'The picture URL is not a valid URL. Expected https://host/path.',
  ],
  'url-too-long': [
    'picture_url_invalid',
    () => `The picture URL has more than ${limits.urlLength} characters. Use a shorter one, or Base64.`,
  ],
  'url-scheme': [
    'picture_url_invalid',
    ({ detail }) =>
      `Pictures are fetched from http and https URLs only, not from ${detail} addresses. Use one of these, or send the picture as Base64.`,
  ],
  'url-credentials': [
    'picture_url_invalid',
    () => 'The picture URL has a user name or password in it. Use a URL that works without.',
  ],
  'address-forbidden': [
    'picture_url_forbidden',
    ({ host }) =>
      `The picture URL leads to "${host}", which is not an address of the public internet. Put the picture at a public address or send it as Base64; whoever runs this server can allow the host with POMBO_FETCH_ALLOW.`,
  ],
  'redirect-unfetchable': [
    'picture_url_forbidden',
    ofHost(
      'redirects to something that is not fetched: only http and https URLs without a user name are. Use the final address of the picture.',
    ),
  ],
  'redirects-too-many': failed(
    `redirects more than ${limits.redirects} times. Use the final address of the picture.`,
  ),
  'host-unknown': failed('is not known. Check the spelling of the URL.'),
  'lookup-failed': failed('could not be looked up just now. Try again shortly.'),
  refused: failed('refused the connection. Check the port, and that its server is running.'),
  unreachable: failed(
    'cannot be reached from this server. Use another address, or send the picture as Base64.',
  ),
  'certificate-dates': failed(
    'has a TLS certificate that is out of date. Renew it, or send the picture as Base64.',
  ),
  'certificate-host': failed(
    'has a TLS certificate that is made for another name. Use the name in the certificate, or send the picture as Base64.',
  ),
  'certificate-untrusted': failed(
    'has a TLS certificate that cannot be trusted: it is self-signed, or the server does not send the intermediate certificates with it. Mend that, or send the picture as Base64.',
  ),
  'tls-failed': failed(
    'does not speak HTTPS on this port, or only a version of TLS that is too old. Check the port, or use an http URL.',
  ),
  'broken-off': failed('broke off the connection before the picture was complete. Try again.'),
  'not-http': failed('did not answer in proper HTTP. Check the port.'),
  'not-unpacked': failed(
    'sent a compressed answer that cannot be unpacked. Have it send pictures without compression.',
  ),
  failed: failed(({ detail }) => `could not be fetched from (${detail}). Try again, or use another address.`),
  status: failed(({ detail }) => `answered ${detail}. ${adviceFor(Number(detail))}`),
  empty: failed('sent nothing: the answer is empty. Use the address of the picture itself.'),
  'web-page': failed(
    'sent a web page (HTML) instead of a picture. Use the address of the picture itself, which needs no login; links for sharing, such as those of Google Drive, lead to a page.',
  ),
  'too-large': ['picture_too_large', ({ detail }) => pictureTooLarge(Number(detail)).message],
  timeout: [
    'picture_url_timeout',
    ofHost('did not deliver the picture in time. Try again, or send the picture as Base64.'),
  ],
  stopped: ['overloaded', () => 'This server is being stopped. Send the request again shortly.'],
};

function ofHost(rest: string | Sentence): Sentence {
  return (error) => `The picture URL's host "${error.host}" ${typeof rest === 'string' ? rest : rest(error)}`;
}

function failed(rest: string | Sentence): readonly [ErrorCode, Sentence] {
  return ['picture_url_failed', ofHost(rest)];
}

function adviceFor(status: number): string {
  if (status === 404 || status === 410) return 'There is no picture at this address. Check the URL.';
  if (status === 401 || status === 403)
    return 'The link needs a login, it has expired, or it is not for programs. Use one that is public, or send the picture as Base64.';
  if (status === 429 || status >= 500) return 'Its server has trouble. Try again later.';
  return 'Use the address of the picture itself.';
}

/**
 * A `FetchError` in words for whoever gave the URL: `picture_url_*`, `picture_too_large`, `overloaded`. They name the
 * host, never the rest of the URL, whose query may be a secret, nor the text of the answer. Other errors come back as
 * they are.
 */
export function pictureFailure(error: unknown): unknown {
  if (!(error instanceof FetchError)) return error;
  const [code, sentence] = failures[error.reason];
  return new GatewayError(code, {
    message: sentence(error),
    cause: error.cause,
    ...(code === 'overloaded' && { retryAfterSeconds: 2 }),
  });
}

/** `picture_unreadable`, for text that begins like a data URI and is none. */
export const brokenDataUri = (): GatewayError =>
  new GatewayError('picture_unreadable', {
    message:
      'The picture is not a valid data URI. Expected data:image/png;base64, followed by Base64 without other characters.',
  });

/** `picture_unreadable`, for text that is none of what a picture can be given as. */
export const noPicture = (): GatewayError =>
  new GatewayError('picture_unreadable', {
    message:
      'The picture is neither an http or https URL, nor a data URI, nor Base64. A URL begins with https://, and Base64 has only letters, digits, +, /, - and _.',
  });
