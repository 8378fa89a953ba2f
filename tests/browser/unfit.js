// What lies beside the window, scrolls sideways or is cut; what `sideways` chooses may scroll by itself.
(sideways) => {
  const wide = document.documentElement.clientWidth, found = [];
  const name = (each) => `${each.tagName.toLowerCase()}#${each.id} ${each.getAttribute("class")} “${each.textContent.trim().slice(0, 40)}”`;
  if (document.documentElement.scrollWidth > wide) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const each of document.querySelectorAll("body *")) {
    const style = getComputedStyle(each), box = each.getBoundingClientRect(), own = each.closest(sideways);
    const seen = box.width && box.height && each.checkVisibility({ visibilityProperty: true }) && !each.closest(".sr, .skip, svg");
    if (!seen || (own && own !== each)) continue;
    const over = each.scrollWidth > each.clientWidth + 1;
    if (box.right > wide + 1 || box.left < -1) found.push(`${name(each)} from ${Math.round(box.left)} to ${Math.round(box.right)}`);
    else if (own || !over || each.tagName === "INPUT") continue;
    else if (["auto", "scroll"].includes(style.overflowX)) found.push(`${name(each)} scrolls sideways`);
    else if (["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis") found.push(`${name(each)} is cut`);
  }
  return found;
}
