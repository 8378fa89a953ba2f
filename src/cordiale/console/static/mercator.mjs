// Web Mercator (EPSG:3857) on the unit square: x to the east from 180° W, y to the south from 85.05° N.
const MOST = 85.051128;
export const mercatorX = (lon) => lon / 360 + 0.5;
export const mercatorY = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (Math.max(-MOST, Math.min(MOST, lat)) * Math.PI) / 360)) / (2 * Math.PI);
export const unprojected = (x, y) => [(x - 0.5) * 360, (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90];
