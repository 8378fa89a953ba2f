// The map under every picture: land, borders and names from one file of our own server, in the page's colours and language.
import { AttributionControl, Map, NavigationControl, ScaleControl, addProtocol, setWorkerUrl } from "./maplibre-gl.mjs";

setWorkerUrl(new URL("./maplibre-gl-worker.mjs", import.meta.url).href);
addProtocol("pmtiles", new globalThis.pmtiles.Protocol().tile);

const COLOURS = {
  light: { sea: "#dfe9f2", land: "#f7f5ef", coast: "#b9c3cc", border: "#8a8f98", name: "#5a6472", water: "#4a6d92", halo: "#ffffff", ink: "#16202c", accent: "#14508f", bad: "#a3241d", warn: "#a86400", old: "#6b7785" },
  dark: { sea: "#0d1824", land: "#1f2a35", coast: "#3a4a5a", border: "#76818e", name: "#aeb9c6", water: "#7fa3cb", halo: "#10161e", ink: "#e8edf3", accent: "#8cbcf2", bad: "#ff9d95", warn: "#f2c46d", old: "#8794a3" },
};

/** The colours of the page's theme. */
export function colours() {
  const chosen = document.documentElement.dataset.theme;
  return COLOURS[chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")];
}

/** Calls back when the theme changes. */
export function onTheme(changed) {
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

/** Whether this browser draws maps at all. */
export function drawsMaps() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

/** Paint that depends on the theme: [layer, property, value]. */
function paint(colour) {
  return [
    ["sea", "background-color", colour.sea], ["land", "fill-color", colour.land], ["coast", "line-color", colour.coast],
    ["borders", "line-color", colour.border], ["countries", "text-color", colour.name], ["countries", "text-halo-color", colour.land],
    ["seas", "text-color", colour.water], ["seas", "text-halo-color", colour.sea],
  ];
}

function style(language) {
  const source = "world", font = ["system-ui", "sans-serif"];
  const layers = [
    { id: "sea", type: "background" },
    { id: "land", type: "fill", source, "source-layer": "land", paint: { "fill-antialias": false } }, // land comes in cells, whose edges are no coasts
    { id: "coast", type: "line", source, "source-layer": "coast", paint: { "line-width": 0.8 } },
    { id: "borders", type: "line", source, "source-layer": "borders", paint: { "line-width": 1, "line-dasharray": [4, 3] } },
    { id: "seas", type: "symbol", source, "source-layer": "seas", filter: [">=", ["zoom"], ["get", "least"]],
      layout: { "text-field": ["get", language], "text-font": font, "text-size": 12, "text-letter-spacing": 0.08, "text-max-width": 7 }, paint: { "text-halo-width": 1 } },
    { id: "countries", type: "symbol", source, "source-layer": "countries", filter: [">=", ["zoom"], ["get", "least"]],
      layout: { "text-field": ["get", language], "text-font": font, "text-size": 12, "text-max-width": 7 }, paint: { "text-halo-width": 1.2 } },
  ];
  for (const [id, property, value] of paint(colours())) {
    const layer = layers.find((each) => each.id === id);
    layer.paint = { ...layer.paint, [property]: value };
  }
  return { version: 8, sources: { world: { type: "vector", url: `pmtiles://${new URL("./world.pmtiles", import.meta.url).href}` } }, layers };
}

/** A map in an element, with its controls named in the page's language; rejects where it cannot be drawn. */
export async function baseMap(element, { language, bounds, words = {} }) {
  const map = new Map({
    container: element, style: style(language), bounds, fitBoundsOptions: { padding: 40, maxZoom: 10 }, minZoom: 1, maxZoom: 15,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0, renderWorldCopies: true,
    locale: { "ScaleControl.NauticalMiles": language === "fr" ? "M" : "NM", ...words }, reduceMotion: matchMedia("(prefers-reduced-motion: reduce)").matches,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "nautical" }), "bottom-left");
  onTheme(() => { for (const [layer, property, value] of paint(colours())) map.setPaintProperty(layer, property, value); });
  await new Promise((ready, failed) => { map.once("load", ready); map.once("error", (event) => failed(event.error)); });
  return map;
}
