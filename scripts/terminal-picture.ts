import sharp from 'sharp';

/**
 * A picture as text for a terminal with 24-bit colour: one character shows two pixels, one above the other.
 * `width` is in characters; the lines carry no indentation.
 */
export async function terminalPicture(picture: Uint8Array, width: number): Promise<string[]> {
  const { data } = await sharp(picture)
    .resize(width, width, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colour = (x: number, y: number) => {
    const at = (y * width + x) * 3;
    return `${data[at]};${data[at + 1]};${data[at + 2]}`;
  };
  const lines: string[] = [];
  for (let y = 0; y + 1 < width; y += 2) {
    let line = '';
    for (let x = 0; x < width; x++) line += `\x1b[38;2;${colour(x, y)}m\x1b[48;2;${colour(x, y + 1)}m▀`;
    lines.push(`${line}\x1b[0m`);
  }
  return lines;
}
