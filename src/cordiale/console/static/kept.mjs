// What this browser keeps, and the words that the page hands to its scripts.
export const kept = {
  get: (key, other = null) => localStorage.getItem(`cordiale.${key}`) ?? other,
  set: (key, value) => localStorage.setItem(`cordiale.${key}`, value),
  drop: (key) => localStorage.removeItem(`cordiale.${key}`),
};
export const words = (name, fields = {}) => (document.querySelector("#words")?.dataset[name] ?? "").replace(/\{(\w+)\}/g, (all, field) => fields[field] ?? all);
