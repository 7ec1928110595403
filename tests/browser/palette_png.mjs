// SPDX-License-Identifier: Apache-2.0
// A screenshot with 256 colours instead of 16 million: a page's text needs no
// more, and the picture is a third as large.
import { deflateSync, inflateSync } from "node:zlib";

const HEAD_BYTES = 8;
const COLOURS = 256;
/** Colours that differ only in the bits left out here are of one kind. */
const ALIKE = 0xe0e0e0;

function* chunks(png) {
  for (let at = HEAD_BYTES; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const size = png.readUInt32BE(at);
    yield { type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) };
  }
}

const CRC = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; ++bit) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE((crc ^ 0xffffffff) >>> 0, body.length + 4);
  return framed;
}

/** What each filter of PNG adds: from the left, above, and left above. */
function predicted(filter, left, up, corner) {
  const paeth = () => {
    const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
    return a <= b && a <= c ? left : b <= c ? up : corner;
  };
  return [() => 0, () => left, () => up, () => (left + up) >> 1, paeth][filter]();
}

/** Samples of 8 bits, `bytes` for a pixel, one row after another. */
function unfiltered(raw, width, height, bytes) {
  const stride = width * bytes;
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; ++y) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; ++x) {
      const at = y * stride + x;
      const left = x >= bytes ? pixels[at - bytes] : 0;
      const up = y > 0 ? pixels[at - stride] : 0;
      const corner = x >= bytes && y > 0 ? pixels[at - stride - bytes] : 0;
      pixels[at] = raw[y * (stride + 1) + 1 + x] + predicted(filter, left, up, corner);
    }
  }
  return pixels;
}

/**
 * Colours that are frequent and unlike each other, and for every colour the
 * nearest of them: a small word in a colour of its own keeps it.
 */
function paletteOf(colours) {
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const kinds = new Map();
  for (const [colour, count] of counts) {
    const kind = kinds.get(colour & ALIKE) ?? { colour, most: 0, count: 0 };
    kind.count += count;
    if (count > kind.most) Object.assign(kind, { colour, most: count });
    kinds.set(colour & ALIKE, kind);
  }
  const palette = [...kinds.values()].sort((a, b) => b.count - a.count).slice(0, COLOURS).map(({ colour }) => colour);
  const distance = (a, b) => [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
  const nearest = new Map();
  for (const colour of counts.keys()) {
    const best = palette.reduce((found, each, i) => (distance(each, colour) < distance(palette[found], colour) ? i : found), 0);
    nearest.set(colour, best);
  }
  return { palette, nearest };
}

export function withPalette(png) {
  const all = [...chunks(png)];
  const head = Buffer.from(all.find((each) => each.type === "IHDR").data);
  const [width, height, bytes] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const raw = inflateSync(Buffer.concat(all.filter((each) => each.type === "IDAT").map((each) => each.data)));
  const pixels = unfiltered(raw, width, height, bytes);
  const colours = Array.from({ length: width * height }, (_, i) => pixels.readUIntBE(i * bytes, 3));
  const { palette, nearest } = paletteOf(colours);
  const rows = Buffer.alloc((width + 1) * height);
  colours.forEach((colour, i) => (rows[i + 1 + Math.floor(i / width)] = nearest.get(colour)));
  head[9] = 3;
  return Buffer.concat([
    png.subarray(0, HEAD_BYTES),
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
