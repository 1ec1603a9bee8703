import type { Handling } from './services.ts';

/**
 * How a request wants WhatsApp's refusals to be answered: `handling=strict` or `handling=lenient` in its `Prefer`
 * header (RFC 7240). `undefined` when it does not say.
 */
export function preferredHandling(header: string | readonly string[] | undefined): Handling | undefined {
  const preferences = [header ?? []].flat().join(',');
  const found = /(?:^|[,;\s])handling\s*=\s*"?(?<handling>strict|lenient)"?\s*(?:$|[,;])/i.exec(preferences);
  return found?.groups?.handling?.toLowerCase() as Handling | undefined;
}
