// Fetches the custom elements a page contains, when it contains them: at first, and after every swap.
const sources = JSON.parse(document.getElementById("elements").textContent);

function define(root) {
  for (const name of Object.keys(sources)) {
    if (root.querySelector(name)) {
      import(sources[name]);
      delete sources[name];
    }
  }
}

define(document);
document.addEventListener("htmx:afterSettle", () => define(document));
