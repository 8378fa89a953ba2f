// The signs of the maritime picture: each differs in shape as well as in colour. Outlines on a square of 24 units.
export const SHAPES = {
  moving: [[12, 1], [20, 22], [12, 17], [4, 22]], listed: [[12, 1], [23, 12], [12, 23], [1, 12]], alert: [[12, 1], [23, 22], [1, 22]], shared: [[3, 3], [21, 3], [21, 21], [3, 21]],
  still: Array.from({ length: 24 }, (_, i) => [12 + 6 * Math.sin((i * Math.PI) / 12), 12 - 6 * Math.cos((i * Math.PI) / 12)]),
};

/** One of them in a colour, with an edge that stands out from the ground. */
export function draw(pen, points, fill, edge) {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath(); pen.fillStyle = fill; pen.fill(); pen.strokeStyle = edge; pen.lineWidth = 1.5; pen.stroke();
}
