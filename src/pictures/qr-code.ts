import { create, toDataURL } from 'qrcode';

/** A QR code with this text as a PNG of about 512 px, as a data URI: `data:image/png;base64,…`. */
export const qrImage = (text: string): Promise<string> =>
  toDataURL(text, { type: 'image/png', errorCorrectionLevel: 'M', margin: 4, width: 512 });

/** Light modules around the code in a terminal, by which a phone finds it. */
const marginModules = 2;

const blackOnWhite = '\u001b[107;30m';
const reset = '\u001b[0m';

/**
 * A QR code with this text for a terminal: two rows of modules a line, in blocks that are black on white whatever the
 * terminal's own colours are. A pairing code takes about 60 columns.
 */
export function qrTerminal(text: string): string {
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  const isDark = (row: number, column: number) =>
    row >= 0 && row < modules.size && column >= 0 && column < modules.size && modules.get(row, column) === 1;

  const lines: string[] = [];
  for (let row = -marginModules; row < modules.size + marginModules; row += 2) {
    let line = '';
    for (let column = -marginModules; column < modules.size + marginModules; column++) {
      line += blockOf(isDark(row, column), isDark(row + 1, column));
    }
    lines.push(`${blackOnWhite}${line}${reset}`);
  }
  return lines.join('\n');
}

function blockOf(isTopDark: boolean, isBottomDark: boolean): string {
  if (isTopDark) return isBottomDark ? '█' : '▀';
  return isBottomDark ? '▄' : ' ';
}
