// Where the focus is: whether it has a ring (itself, or what stands for it), whether anything of it is seen, whether it is what is wanted.
([wanted, words]) => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const ring = (each) => getComputedStyle(each).outlineStyle !== "none" && parseFloat(getComputedStyle(each).outlineWidth) >= 2;
  const ringed = [at, at.parentElement, at.parentElement?.parentElement].some((each) => each && ring(each));
  const box = at.getBoundingClientRect(), labels = [...(at.labels ?? [])];
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth), top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const mine = (there) => there && (at.contains(there) || there.contains(at) || labels.some((label) => label.contains(there)));
  const places = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
  const seen = right > left && bottom > top && places.some(([x, y]) => mine(document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y)));
  return { what: at.outerHTML.slice(0, 120), ringed, seen, there: at.matches(wanted) && at.textContent.includes(words) };
}
