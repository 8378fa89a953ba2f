// The picture over time, as the desk sends it: columns of reports by vessel. Nothing is interpolated: what is shown at a moment is
// each vessel's last report up to then.
import { mercatorX, mercatorY } from "./mercator.mjs";

const TYPES = { counts: Int32Array, time: Int32Array, lon: Int32Array, lat: Int32Array, sog: Uint16Array, turn: Uint16Array, status: Uint8Array };
const OLD = 3600; // seconds after which a report is called old
const STILL = 5; // tenths of a knot
const NO_TURN = 360, NO_SPEED = 1023;
export const LOOKS = ["moving", "still", "listed"], TONES = ["ink", "warn", "bad", "old"];
const [MOVING, REST, LISTED] = LOOKS.keys(), [INK, WARN, BAD, OLDER] = TONES.keys();

function column(text, Type) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Type(bytes.buffer);
}

export class Reel {
  constructor(told) {
    this.begin = Date.parse(told.begin);
    this.span = Math.round((Date.parse(told.end) - this.begin) / 1000);
    this.apart = told.apart; this.degree = told.degree; this.vessels = told.vessels;
    for (const [name, Type] of Object.entries(TYPES)) this[name] = column(told.columns[name], Type);
    this.first = new Int32Array(this.vessels.length + 1);
    this.counts.forEach((count, i) => { this.first[i + 1] = this.first[i] + count; });
    this.place = new Map(this.vessels.map((vessel, i) => [vessel.mmsi, i]));
    this.project();
  }

  /** Every report in Web Mercator, as distances from a place among them: so single precision is enough. */
  project() {
    const rows = this.lon.length, count = this.vessels.length, [lon, lat] = this.at(rows >> 1), origin = [mercatorX(lon), mercatorY(lat)];
    this.x = new Float32Array(rows); this.y = new Float32Array(rows);
    for (let row = 0; row < rows; row++) { this.x[row] = mercatorX(this.lon[row] / this.degree) - origin[0]; this.y[row] = mercatorY(this.lat[row] / this.degree) - origin[1]; }
    this.cast = { origin, count: 0, who: new Int32Array(count), place: new Float32Array(2 * count), turn: new Float32Array(count), look: new Uint8Array(count) };
  }

  /** The row of a vessel's last report up to so many seconds after the begin; −1 where there is none yet. */
  row(vessel, seconds) {
    let low = this.first[vessel], high = this.first[vessel + 1];
    while (low < high) { const middle = (low + high) >> 1; if (this.time[middle] <= seconds) low = middle + 1; else high = middle; }
    return low - 1 >= this.first[vessel] ? low - 1 : -1;
  }

  at(row) { return [this.lon[row] / this.degree, this.lat[row] / this.degree]; }
  knots(row) { return this.sog[row] === NO_SPEED ? null : this.sog[row] / 10; }

  /** Everybody at a moment, for `Fleet`: where, how turned and how looking; `who` has their numbers. `alerted` has the MMSIs with an alert. */
  fill(seconds, alerted) {
    const { cast } = this, old = seconds - OLD;
    let count = 0;
    for (let i = 0; i < this.vessels.length; i++) {
      const row = this.row(i, seconds);
      if (row < 0) continue;
      const vessel = this.vessels[i], listed = vessel.sanctions === "sanctioned";
      const moves = this.turn[row] < NO_TURN && this.sog[row] > STILL && this.sog[row] !== NO_SPEED;
      const tone = listed ? BAD : alerted.has(vessel.mmsi) ? WARN : this.time[row] < old ? OLDER : INK;
      cast.who[count] = i; cast.turn[count] = moves ? this.turn[row] : 0;
      cast.place[2 * count] = this.x[row]; cast.place[2 * count + 1] = this.y[row];
      cast.look[count] = LOOKS.length * tone + (listed ? LISTED : moves ? MOVING : REST);
      count += 1;
    }
    cast.count = count;
    return cast;
  }

  /** The moment that a first look is worth: the last at which half as many were fresh as ever; the end, where there is news all the time. */
  lively() {
    const steps = 96, fresh = Array.from({ length: steps + 1 }, (_, step) => {
      const seconds = (this.span * step) / steps;
      let count = 0;
      for (let i = 0; i < this.vessels.length; i++) { const row = this.row(i, seconds); if (row >= 0 && seconds - this.time[row] <= OLD) count += 1; }
      return count;
    });
    return (this.span * fresh.findLastIndex((count) => count > 0 && count >= Math.max(...fresh) / 2)) / steps;
  }

  /** The corner points of everybody's last reports, for a first view: [[west, south], [east, north]], the strays of each side left out. */
  bounds() {
    const lon = [], lat = [];
    for (let i = 0; i < this.vessels.length; i++) { const [x, y] = this.at(this.first[i + 1] - 1); lon.push(x); lat.push(y); }
    const edge = (values, part) => values.sort((a, b) => a - b)[Math.round((values.length - 1) * part)];
    return [[edge(lon, 0.02), edge(lat, 0.02)], [edge(lon, 0.98), edge(lat, 0.98)]];
  }
}
