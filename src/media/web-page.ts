const beginningOfPage =
  /^\uFEFF?(?:\s|<\?[^>]*>|<!--[\s\S]*?-->)*<(?:!doctype\s+html|html|head|title|meta|link|style|script|body|h1|div|p|br|b)[\s/>]/i;

/**
 * Whether bytes are HTML: by their beginning, because PHP declares text/html for a picture, too, unless it is told
 * otherwise. A page that fails in PHP begins with `<br />`.
 */
export const isWebPage = (bytes: Uint8Array): boolean =>
  beginningOfPage.test(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString());
