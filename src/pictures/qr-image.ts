import { toDataURL } from 'qrcode';

/** A QR code with this text as a PNG of about 512 px, as a data URI: `data:image/png;base64,…`. */
export const qrImage = (text: string): Promise<string> =>
  toDataURL(text, { type: 'image/png', errorCorrectionLevel: 'M', margin: 4, width: 512 });
