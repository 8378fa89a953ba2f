// Vessels, alerts, tracks and what is shared, on the map. It shows what it is given and tells what was chosen.
import { baseMap, colours, onTheme } from "/static/base_map.mjs";

const EMPTY = { type: "FeatureCollection", features: [] };
const SHAPES = {
  moving: [[12, 1], [20, 22], [12, 17], [4, 22]], listed: [[12, 1], [23, 12], [12, 23], [1, 12]], alert: [[12, 1], [23, 22], [1, 22]], shared: [[3, 3], [21, 3], [21, 21], [3, 21]],
  still: Array.from({ length: 24 }, (_, i) => [12 + 6 * Math.sin((i * Math.PI) / 12), 12 - 6 * Math.cos((i * Math.PI) / 12)]),
};
const PIXELS = 48;

/** A shape as a picture in one of the theme's colours, with an edge that stands out from the ground. */
function picture(points, fill, edge) {
  const canvas = document.createElement("canvas"), scale = PIXELS / 24;
  canvas.width = canvas.height = PIXELS;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale); pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath(); pen.fillStyle = fill; pen.fill(); pen.strokeStyle = edge; pen.lineWidth = 1.5; pen.stroke();
  return pen.getImageData(0, 0, PIXELS, PIXELS);
}

export class SeaMap {
  /** `chosen(kind, id)` is called for what is clicked. */
  static async in(element, { language, bounds, words, chosen }) {
    const made = new SeaMap();
    made.map = await baseMap(element, { language, bounds, words });
    made.layers();
    onTheme(() => made.paint());
    for (const [layer, kind, key] of [["alerts", "alert", "id"], ["shared-points", "shared", "id"], ["vessels", "vessel", "mmsi"]]) {
      made.map.on("click", layer, (event) => { if (event.defaultPrevented) return; event.preventDefault(); chosen(kind, event.features[0].properties[key]); });
      made.map.on("mouseenter", layer, () => { made.map.getCanvas().style.cursor = "pointer"; });
      made.map.on("mouseleave", layer, () => { made.map.getCanvas().style.cursor = ""; });
    }
    return made;
  }

  images() {
    const colour = colours();
    for (const [shape, points] of Object.entries(SHAPES)) for (const tone of ["ink", "old", "warn", "bad", "accent"]) {
      const name = `${shape}-${tone}`, image = picture(points, tone === "old" ? colour.halo : colour[tone], tone === "old" ? colour.old : colour.halo);
      if (this.map.hasImage(name)) this.map.updateImage(name, image); else this.map.addImage(name, image, { pixelRatio: PIXELS / 16 });
    }
  }

  layers() {
    const { map } = this, colour = colours(), font = ["system-ui", "sans-serif"];
    this.images();
    for (const name of ["vessels", "alerts", "shared", "track", "spot"]) map.addSource(name, { type: "geojson", data: EMPTY, ...(name === "vessels" ? { tolerance: 0, buffer: 32, maxzoom: 10 } : {}) });
    const line = (id, source, width, dash) => ({ id, type: "line", source, layout: { "line-join": "round" }, paint: { "line-color": colour.accent, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) } });
    const symbol = (id, source, image, extra = {}) => ({ id, type: "symbol", source, layout: { "icon-image": image, "icon-allow-overlap": true, "icon-ignore-placement": true, ...extra } });
    const text = (id, source, field, least, above) => ({ id, type: "symbol", source, minzoom: least,
      layout: { "text-field": field, "text-font": font, "text-size": 11, "text-offset": [0, above ? -1.3 : 1.1], "text-anchor": above ? "bottom" : "top", "text-optional": true },
      paint: { "text-color": colour.ink, "text-halo-color": colour.halo, "text-halo-width": 1.4 } });
    map.addLayer({ ...line("shared-lines", "shared", 3, [2, 1]), filter: ["==", ["geometry-type"], "LineString"] });
    map.addLayer(line("track", "track", 2));
    map.addLayer({ id: "ring", type: "circle", source: "spot", paint: { "circle-radius": 15, "circle-opacity": 0, "circle-stroke-width": 3, "circle-stroke-color": colour.accent } });
    map.addLayer(symbol("vessels", "vessels", ["concat", ["get", "shape"], "-", ["get", "tone"]], { "icon-rotate": ["get", "turn"], "icon-rotation-alignment": "map", "icon-size": ["interpolate", ["linear"], ["zoom"], 3, 0.5, 6, 0.8, 9, 1, 12, 1.25] }));
    map.addLayer({ ...symbol("shared-points", "shared", "shared-accent", { "icon-size": 1.7 }), filter: ["==", ["geometry-type"], "Point"] });
    map.addLayer({ ...text("shared-names", "shared", ["get", "owner"], 0, true), filter: ["==", ["geometry-type"], "Point"] });
    map.addLayer(symbol("alerts", "alerts", "alert-warn", { "icon-size": 1.1, "symbol-sort-key": ["get", "score"] }));
    map.addLayer(text("names", "vessels", ["get", "name"], 9, false));
  }

  paint() {
    const { map } = this, colour = colours();
    this.images();
    for (const layer of ["shared-lines", "track"]) map.setPaintProperty(layer, "line-color", colour.accent);
    map.setPaintProperty("ring", "circle-stroke-color", colour.accent);
    for (const layer of ["shared-names", "names"]) { map.setPaintProperty(layer, "text-color", colour.ink); map.setPaintProperty(layer, "text-halo-color", colour.halo); }
  }

  vessels(collection) { this.map.getSource("vessels").setData(collection); }

  alerts(found) {
    this.map.getSource("alerts").setData({ type: "FeatureCollection", features: found.map((each) => (
      { type: "Feature", geometry: { type: "Point", coordinates: [each.lon, each.lat] }, properties: { id: each.id, score: each.score } })) });
  }

  shared(found) {
    const features = [];
    for (const each of found) {
      const properties = { id: each.id, owner: each.owner.toUpperCase() };
      if (each.at.length === 2) features.push({ type: "Feature", geometry: { type: "Point", coordinates: each.at }, properties });
      for (const line of each.lines) if (line.length > 1) features.push({ type: "Feature", geometry: { type: "LineString", coordinates: line }, properties });
    }
    this.map.getSource("shared").setData({ type: "FeatureCollection", features });
  }

  /** Lines to show as the track; none clears it. */
  track(lines) {
    this.map.getSource("track").setData({ type: "FeatureCollection", features: lines.filter((line) => line.length > 1).map((line) => (
      { type: "Feature", geometry: { type: "LineString", coordinates: unwrapped(line) }, properties: {} })) });
  }

  /** Rings around places. */
  spot(places) {
    this.map.getSource("spot").setData({ type: "FeatureCollection", features: places.map((place) => ({ type: "Feature", geometry: { type: "Point", coordinates: place }, properties: {} })) });
  }

  /** Bring places into view where they are not. */
  show(places, { closer = false } = {}) {
    if (!places.length) return;
    const view = this.map.getBounds();
    if (!closer && places.every((place) => view.contains(place))) return;
    const lon = places.map(([x]) => x), lat = places.map(([, y]) => y);
    this.map.fitBounds([[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]], { padding: 70, maxZoom: Math.max(10, this.map.getZoom()), duration: 400 });
  }

  inView(place) { return this.map.getBounds().contains(place); }
  onView(moved) { this.map.on("moveend", moved); }
}

/** Longitudes that go on past 180 where a line crosses the antimeridian. */
function unwrapped(line) {
  let last = null;
  return line.map(([lon, lat]) => { const turns = last === null ? 0 : Math.round((lon - last) / 360); last = lon - 360 * turns; return [last, lat]; });
}
