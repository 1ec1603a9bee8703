/** What runs in an `SvgProcess`: takes SVGs, answers with JPEGs or with the error that the caller shall see. */
import sharp from 'sharp';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { renderGroupPhoto } from './group-photo.ts';

export type SvgAnswer =
  | { readonly jpeg: Uint8Array }
  | { readonly code: ErrorCode; readonly message: string };

async function answer(svg: Uint8Array): Promise<SvgAnswer> {
  try {
    return { jpeg: await renderGroupPhoto(svg) };
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, message: error.message };
    throw error;
  }
}

sharp.concurrency(1);
process.on('message', async (svg: Uint8Array) => process.send?.(await answer(svg)));
// The parent is gone. An ordinary exit would wait for the drawing to end.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
