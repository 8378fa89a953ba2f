// Vessels, alerts, tracks and what is shared, on the map. It shows what it is given and tells what was chosen.
import { baseMap, colours, onTheme } from "./base_map.mjs";
import { Fleet } from "./fleet.mjs";
import { unprojected } from "./mercator.mjs";
import { SHAPES, draw } from "./shapes.mjs";

const EMPTY = { type: "FeatureCollection", features: [] };
const PIXELS = 48;
const NAMED = 9; // zoom from which vessels have their names beside them

/** A sign as a picture of the map's own. */
function picture(points, fill, edge) {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  canvas.width = canvas.height = PIXELS;
  pen.scale(PIXELS / 24, PIXELS / 24);
  draw(pen, points, fill, edge);
  return pen.getImageData(0, 0, PIXELS, PIXELS);
}

export class SeaMap {
  fleet = new Fleet();
  told = { alerts: "", spot: "" };

  /** `chosen(kind, id)` is called for what is clicked; a vessel is known by its place in the reel. */
  static async in(element, { language, bounds, words, chosen }) {
    const made = new SeaMap();
    made.map = await baseMap(element, { language, bounds, words });
    made.layers();
    onTheme(() => made.paint());
    made.map.on("click", (event) => { const found = made.under(event); if (found) chosen(...found); });
    let asked = 0;
    made.map.on("mousemove", (event) => { // once a frame at most
      if (!asked) asked = requestAnimationFrame(() => { asked = 0; made.map.getCanvas().style.cursor = made.under(event) ? "pointer" : ""; });
    });
    return made;
  }

  /** What is under the pointer, as [kind, id]: alerts lie above vessels. */
  under({ point, lngLat }) {
    const [found] = this.map.queryRenderedFeatures(point, { layers: ["alerts", "shared-points"] });
    if (found) return [found.layer.id === "alerts" ? "alert" : "shared", found.properties.id];
    const vessel = this.fleet.near(lngLat);
    return vessel < 0 ? null : ["vessel", vessel];
  }

  images() {
    const colour = colours();
    for (const [shape, tone] of [["alert", "warn"], ["shared", "accent"]]) {
      const name = `${shape}-${tone}`, image = picture(SHAPES[shape], colour[tone], colour.halo);
      if (this.map.hasImage(name)) this.map.updateImage(name, image); else this.map.addImage(name, image, { pixelRatio: PIXELS / 16 });
    }
  }

  layers() {
    const { map } = this, colour = colours(), font = ["system-ui", "sans-serif"];
    this.images();
    for (const name of ["names", "alerts", "shared", "track", "spot"]) map.addSource(name, { type: "geojson", data: EMPTY });
    const line = (id, source, width, dash) => ({ id, type: "line", source, layout: { "line-join": "round" }, paint: { "line-color": colour.accent, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) } });
    const symbol = (id, source, image, extra = {}) => ({ id, type: "symbol", source, layout: { "icon-image": image, "icon-allow-overlap": true, "icon-ignore-placement": true, ...extra } });
    const text = (id, source, field, least, above) => ({ id, type: "symbol", source, minzoom: least,
      layout: { "text-field": field, "text-font": font, "text-size": 11, "text-offset": [0, above ? -1.3 : 1.1], "text-anchor": above ? "bottom" : "top", "text-optional": true },
      paint: { "text-color": colour.ink, "text-halo-color": colour.halo, "text-halo-width": 1.4 } });
    map.addLayer({ ...line("shared-lines", "shared", 3, [2, 1]), filter: ["==", ["geometry-type"], "LineString"] });
    map.addLayer(line("track", "track", 2));
    map.addLayer({ id: "ring", type: "circle", source: "spot", paint: { "circle-radius": 15, "circle-opacity": 0, "circle-stroke-width": 3, "circle-stroke-color": colour.accent } });
    map.addLayer(this.fleet);
    map.addLayer({ ...symbol("shared-points", "shared", "shared-accent", { "icon-size": 1.7 }), filter: ["==", ["geometry-type"], "Point"] });
    map.addLayer({ ...text("shared-names", "shared", ["get", "owner"], 0, true), filter: ["==", ["geometry-type"], "Point"] });
    map.addLayer(symbol("alerts", "alerts", "alert-warn", { "icon-size": 1.1, "symbol-sort-key": ["get", "score"] }));
    map.addLayer(text("names", "names", ["get", "name"], NAMED, false));
  }

  paint() {
    const { map } = this, colour = colours();
    this.images();
    this.fleet.repaint();
    for (const layer of ["shared-lines", "track"]) map.setPaintProperty(layer, "line-color", colour.accent);
    map.setPaintProperty("ring", "circle-stroke-color", colour.accent);
    for (const layer of ["shared-names", "names"]) { map.setPaintProperty(layer, "text-color", colour.ink); map.setPaintProperty(layer, "text-halo-color", colour.halo); }
  }

  vessels(cast) { this.fleet.show(cast); }

  /** The names of those in view, where there is room for names; `named(vessel)` says one. */
  names(cast, named) {
    const features = [], view = this.map.getBounds(), [x, y] = cast.origin;
    if (this.map.getZoom() >= NAMED) for (let i = 0; i < cast.count; i++) {
      const place = unprojected(cast.place[2 * i] + x, cast.place[2 * i + 1] + y);
      if (view.contains(place)) features.push({ type: "Feature", geometry: { type: "Point", coordinates: place }, properties: { name: named(cast.who[i]) } });
    }
    this.map.getSource("names").setData({ type: "FeatureCollection", features });
  }

  alerts(found) {
    if (!this.changed("alerts", found.map((each) => each.id))) return;
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

  /** Whether something is not what the map was given last: what stays as it is costs nothing. */
  changed(name, now) {
    const said = JSON.stringify(now), was = this.told[name];
    this.told[name] = said;
    return said !== was;
  }

  /** Rings around places. */
  spot(places) {
    if (!this.changed("spot", places)) return;
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
