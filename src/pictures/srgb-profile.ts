/**
 * Whether an ICC profile says no more than "this is sRGB", as most cameras and programs write it: a picture with such a
 * profile needs no conversion, which is a third of the work of rendering it.
 *
 * A profile with conversion tables of its own is never taken for sRGB, whatever it is called.
 * Source: ICC.1:2022 §7 (header, tag table), §10.6 (`curv`), §10.18 (`para`), §10.31 (`XYZ `); IEC 61966-2-1.
 */
export function isSrgbProfile(icc: Uint8Array): boolean {
  const profile = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength);
  try {
    const tags = tagsOf(profile);
    return (
      profile.toString('latin1', 16, 24) === 'RGB XYZ ' &&
      !tags.has('A2B0') &&
      !tags.has('D2B0') &&
      Object.entries(primaries).every(([tag, wanted]) => isNearXyz(tags.get(tag), wanted)) &&
      ['rTRC', 'gTRC', 'bTRC'].every((tag) => isSrgbCurve(tags.get(tag)))
    );
  } catch (error) {
    // Reading beyond the end: a broken profile is none that we know, and libvips may still make sense of it.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The primaries of sRGB as profiles hold them, adapted to D50. */
const primaries = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;
/** Of 1; half a step of 8 bits is 0.002. */
const tolerance = 0.002;
/** Where the curves are compared, in 8-bit values. */
const curvePoints = [8, 16, 32, 64, 96, 128, 160, 192, 224, 255];

function tagsOf(profile: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = Math.min(profile.readUInt32BE(128), 100);
  for (let at = 132; at < 132 + 12 * count; at += 12) {
    const [start, length] = [profile.readUInt32BE(at + 4), profile.readUInt32BE(at + 8)];
    tags.set(profile.toString('latin1', at, at + 4), profile.subarray(start, start + length));
  }
  return tags;
}

const fixed = (tag: Buffer, at: number) => tag.readInt32BE(at) / 65_536;

function isNearXyz(tag: Buffer | undefined, wanted: readonly number[]): boolean {
  return tag !== undefined && wanted.every((value, i) => Math.abs(fixed(tag, 8 + 4 * i) - value) < tolerance);
}

function isSrgbCurve(tag: Buffer | undefined): boolean {
  const curve = tag && curveOf(tag);
  return (
    curve !== undefined &&
    curvePoints.every((point) => Math.abs(curve(point / 255) - linearOf(point / 255)) < tolerance)
  );
}

/** The curve of sRGB, from what is stored to light. */
const linearOf = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** The curve of a tag; `undefined` for the kinds that sRGB is never written in. */
function curveOf(tag: Buffer): ((value: number) => number) | undefined {
  const kind = tag.toString('latin1', 0, 4);
  if (kind === 'para' && tag.readUInt16BE(8) === 3) {
    const [g = 0, a = 0, b = 0, c = 0, d = 0] = [12, 16, 20, 24, 28].map((at) => fixed(tag, at));
    return (value) => (value >= d ? (a * value + b) ** g : c * value);
  }
  const count = kind === 'curv' ? tag.readUInt32BE(8) : 0;
  if (count < 2) return undefined;
  const entry = (index: number) => tag.readUInt16BE(12 + 2 * index) / 65_535;
  return (value) => {
    const place = value * (count - 1);
    const below = Math.min(Math.floor(place), count - 2);
    return entry(below) + (entry(below + 1) - entry(below)) * (place - below);
  };
}
