// Records with a place, on the map above their table: points, areas and lines as their schemas have them.
import { baseMap, colours, drawsMaps, onTheme } from "./base_map.mjs";

const element = document.querySelector("#record-map");
const rows = [...document.querySelectorAll("table.records tr[data-id]")];

/** Every position of a geometry. */
const positions = (found) => (typeof found[0] === "number" ? [found] : found.flatMap(positions));
function chosen(id, focus) {
  for (const row of rows) row.toggleAttribute("data-chosen", row.dataset.id === id);
  const row = rows.find((each) => each.dataset.id === id);
  row?.scrollIntoView({ block: "nearest" });
  if (focus) row?.querySelector("a").focus();
}
function without(text) {
  const told = document.createElement("p");
  told.className = "empty big"; told.textContent = text;
  element.replaceChildren(told); element.classList.add("absent");
}

try {
  const answer = await fetch(element.dataset.shapes, { headers: { "hx-request": "true" } });
  if (!answer.ok) throw new Error(element.dataset.missing);
  const shapes = await answer.json(), all = shapes.features.flatMap((each) => positions(each.geometry.coordinates));
  if (!all.length) throw new Error(element.dataset.none);
  if (!drawsMaps()) throw new Error(element.dataset.missing);
  const lon = all.map(([x]) => x), lat = all.map(([, y]) => y);
  const map = await baseMap(element, { language: element.dataset.language, bounds: [[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]] });
  const accent = colours().accent;
  map.addSource("records", { type: "geojson", data: shapes });
  map.addLayer({ id: "areas", type: "fill", source: "records", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": accent, "fill-opacity": 0.2 } });
  map.addLayer({ id: "lines", type: "line", source: "records", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": accent, "line-width": 2.5 } });
  map.addLayer({ id: "points", type: "circle", source: "records", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": accent, "circle-radius": 7, "circle-stroke-width": 2, "circle-stroke-color": colours().halo } });
  map.addLayer({ id: "record-names", type: "symbol", source: "records", layout: { "text-field": ["get", "name"], "text-font": ["system-ui", "sans-serif"], "text-size": 11.5, "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true }, paint: { "text-color": colours().ink, "text-halo-color": colours().halo, "text-halo-width": 1.4 } });
  onTheme(() => {
    const now = colours();
    map.setPaintProperty("areas", "fill-color", now.accent); map.setPaintProperty("lines", "line-color", now.accent); map.setPaintProperty("points", "circle-color", now.accent);
    map.setPaintProperty("record-names", "text-color", now.ink); map.setPaintProperty("record-names", "text-halo-color", now.halo);
  });
  for (const layer of ["areas", "lines", "points"]) map.on("click", layer, (event) => chosen(event.features[0].properties.id, true));
  for (const row of rows) row.addEventListener("focusin", () => {
    chosen(row.dataset.id, false);
    const mine = shapes.features.filter((each) => each.properties.id === row.dataset.id).flatMap((each) => positions(each.geometry.coordinates));
    if (mine.length) map.panTo(mine[0], { duration: 300 });
  });
  element.dataset.ready = "map";
} catch (error) {
  without(error.message || element.dataset.missing);
  element.dataset.ready = "table";
}
