// The picture over time, as the desk sends it: columns of reports by vessel. Nothing is interpolated: what is shown at a moment is
// each vessel's last report up to then.
const TYPES = { counts: Int32Array, time: Int32Array, lon: Int32Array, lat: Int32Array, sog: Uint16Array, turn: Uint16Array, status: Uint8Array };
const OLD = 3600; // seconds after which a report is called old
const STILL = 5; // tenths of a knot
const NO_TURN = 360, NO_SPEED = 1023;

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
  }

  /** The row of a vessel's last report up to so many seconds after the begin; −1 where there is none yet. */
  row(vessel, seconds) {
    let low = this.first[vessel], high = this.first[vessel + 1];
    while (low < high) { const middle = (low + high) >> 1; if (this.time[middle] <= seconds) low = middle + 1; else high = middle; }
    return low - 1 >= this.first[vessel] ? low - 1 : -1;
  }

  at(row) { return [this.lon[row] / this.degree, this.lat[row] / this.degree]; }
  knots(row) { return this.sog[row] === NO_SPEED ? null : this.sog[row] / 10; }

  /** Everybody at a moment as GeoJSON. `alerted` has the MMSIs with an alert. */
  features(seconds, alerted) {
    const features = [];
    for (let i = 0; i < this.vessels.length; i++) {
      const row = this.row(i, seconds);
      if (row < 0) continue;
      const vessel = this.vessels[i], moves = this.turn[row] < NO_TURN && this.sog[row] > STILL && this.sog[row] !== NO_SPEED;
      features.push({
        type: "Feature", id: vessel.mmsi, geometry: { type: "Point", coordinates: this.at(row) },
        properties: {
          mmsi: vessel.mmsi, name: vessel.name, turn: moves ? this.turn[row] : 0,
          shape: vessel.sanctions === "sanctioned" ? "listed" : moves ? "moving" : "still",
          tone: vessel.sanctions === "sanctioned" ? "bad" : alerted.has(vessel.mmsi) ? "warn" : seconds - this.time[row] > OLD ? "old" : "ink",
        },
      });
    }
    return { type: "FeatureCollection", features };
  }

  /** The corner points of everybody's last reports, for a first view: [[west, south], [east, north]], the strays of each side left out. */
  bounds() {
    const lon = [], lat = [];
    for (let i = 0; i < this.vessels.length; i++) { const [x, y] = this.at(this.first[i + 1] - 1); lon.push(x); lat.push(y); }
    const edge = (values, part) => values.sort((a, b) => a - b)[Math.round((values.length - 1) * part)];
    return [[edge(lon, 0.02), edge(lat, 0.02)], [edge(lon, 0.98), edge(lat, 0.98)]];
  }
}
