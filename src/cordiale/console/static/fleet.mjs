// All vessels, drawn in one call: a layer of the map (MapLibre's CustomLayerInterface) that gives the graphics card where each
// is, how it is turned and how it looks, as arrays. Nothing is made for each vessel and nothing goes through a worker, so that
// thousands move with every frame.
import { colours } from "./base_map.mjs";
import { mercatorX, mercatorY } from "./mercator.mjs";
import { LOOKS, TONES } from "./reel.mjs";
import { SHAPES, draw } from "./shapes.mjs";

const CELL = 64; // pixels of a picture in the sheet of all pictures
const ROOM = 30; // units of a shape that a cell is wide: a shape has 24 and may be turned
const REACH = 14; // pixels from a vessel at which a click means it

const VERTEX = `#version 300 es
uniform mat4 matrix; uniform float size;
in vec2 place; in float turn; in float look;
out vec2 way; flat out vec2 cell;
void main() {
  gl_Position = matrix * vec4(place, 0.0, 1.0); gl_PointSize = size;
  way = vec2(cos(radians(turn)), sin(radians(turn)));
  cell = vec2(mod(look, ${LOOKS.length}.0), floor(look / ${LOOKS.length}.0));
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D sheet;
in vec2 way; flat in vec2 cell;
out vec4 colour;
void main() {
  vec2 from = gl_PointCoord - 0.5, turned = vec2(from.x * way.x + from.y * way.y, from.y * way.x - from.x * way.y);
  if (max(abs(turned.x), abs(turned.y)) > 0.5) discard;
  colour = texture(sheet, (cell + turned + 0.5) / vec2(${LOOKS.length}.0, ${TONES.length}.0));
}`;

export class Fleet {
  id = "vessels"; type = "custom"; renderingMode = "2d";
  drawn = 0;

  onAdd(map) {
    this.map = map;
    map.on("webglcontextrestored", () => { this.program = null; }); // the card had to forget everything
  }

  /** Show these: what `Reel.fill` made. They are kept, and read again with each frame. */
  show(cast) { this.cast = cast; this.fresh = true; this.map.triggerRepaint(); }

  /** The pictures in the colours of the theme, at the next frame. */
  repaint() { this.painted = false; this.map?.triggerRepaint(); }

  begin(gl) {
    const part = (type, text) => { const made = gl.createShader(type); gl.shaderSource(made, text); gl.compileShader(made); return made; };
    this.program = gl.createProgram();
    for (const [type, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) gl.attachShader(this.program, part(type, text));
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.program));
    this.at = Object.fromEntries(["matrix", "size", "sheet"].map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.array = gl.createVertexArray(); this.sheet = gl.createTexture(); this.buffers = {};
    gl.bindVertexArray(this.array);
    for (const [name, width] of [["place", 2], ["turn", 1], ["look", 1]]) {
      this.buffers[name] = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
      const where = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(where);
      gl.vertexAttribPointer(where, width, name === "look" ? gl.UNSIGNED_BYTE : gl.FLOAT, false, 0, 0);
    }
    gl.bindVertexArray(null);
    this.painted = false; this.fresh = true;
  }

  paint(gl) {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), colour = colours(), scale = CELL / ROOM;
    canvas.width = CELL * LOOKS.length; canvas.height = CELL * TONES.length;
    TONES.forEach((tone, row) => LOOKS.forEach((shape, place) => {
      pen.setTransform(scale, 0, 0, scale, CELL * place + 3 * scale, CELL * row + 3 * scale);
      draw(pen, SHAPES[shape], tone === "old" ? colour.halo : colour[tone], tone === "old" ? colour.old : colour.halo);
    }));
    gl.bindTexture(gl.TEXTURE_2D, this.sheet);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, canvas);
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    this.painted = true;
  }

  render(gl, { defaultProjectionData }) {
    const { cast } = this;
    if (!cast?.count) { this.drawn = 0; return; }
    if (!this.program) this.begin(gl);
    gl.activeTexture(gl.TEXTURE0);
    if (!this.painted) this.paint(gl); else gl.bindTexture(gl.TEXTURE_2D, this.sheet);
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array);
    if (this.fresh) {
      for (const name of ["place", "turn", "look"]) {
        gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
        gl.bufferData(gl.ARRAY_BUFFER, cast[name].subarray(0, cast.count * (name === "place" ? 2 : 1)), gl.DYNAMIC_DRAW);
      }
      this.fresh = false;
    }
    gl.uniform1i(this.at.sheet, 0);
    gl.uniform1f(this.at.size, this.size() * devicePixelRatio);
    gl.enable(gl.BLEND); gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const bounds = this.map.getBounds(), turns = (lon) => Math.floor((lon + 180) / 360);
    for (let copy = turns(bounds.getWest()); copy <= turns(bounds.getEast()); copy++) {
      gl.uniformMatrix4fv(this.at.matrix, false, moved(defaultProjectionData.mainMatrix, cast.origin[0] + copy, cast.origin[1]));
      gl.drawArrays(gl.POINTS, 0, cast.count);
    }
    gl.bindVertexArray(null);
    this.drawn = cast.count;
  }

  /** Pixels across: small where the whole sea is seen. */
  size() { return 11 + 11 * Math.min(1, Math.max(0, (this.map.getZoom() - 4) / 6)); }

  /** The number of the vessel that is meant by a place on the map; −1 for none. */
  near({ lng, lat }) {
    const { cast } = this;
    if (!cast) return -1;
    const scale = 512 * 2 ** this.map.getZoom(), x = mercatorX(lng) - cast.origin[0], y = mercatorY(lat) - cast.origin[1];
    let found = -1, least = (REACH / scale) ** 2;
    for (let i = 0; i < cast.count; i++) {
      const east = x - cast.place[2 * i], far = (east - Math.round(east)) ** 2 + (y - cast.place[2 * i + 1]) ** 2;
      if (far <= least) { least = far; found = i; }
    }
    return found < 0 ? -1 : cast.who[found];
  }
}

/** A matrix after a move, in double precision until the end: places far from the origin would tremble otherwise. */
function moved(matrix, x, y) {
  const made = Float64Array.from(matrix);
  for (let i = 0; i < 4; i++) made[12 + i] += made[i] * x + made[4 + i] * y;
  return Float32Array.from(made);
}
