// Material's two inline scripts (9.8), as a file, so that no page needs to allow inline scripts: what its program
// keeps in the browser's storage and under which path, then the colours that were chosen last, before the first paint.

var __md_scope = new URL("..", document.currentScript.src);
var __md_hash = (text) => [...text].reduce((hash, character) => (hash << 5) - hash + character.charCodeAt(0), 0);
var __md_get = (key, storage = localStorage, scope = __md_scope) =>
  JSON.parse(storage.getItem(scope.pathname + "." + key));
var __md_set = (key, value, storage = localStorage, scope = __md_scope) => {
  try {
    storage.setItem(scope.pathname + "." + key, JSON.stringify(value));
  } catch (error) {
    // A browser that keeps nothing shows its default colours on the next page.
  }
};

(() => {
  const kept = __md_get("__palette");
  for (const [key, value] of Object.entries(kept?.color ?? {})) document.body.setAttribute("data-md-color-" + key, value);
})();
