// A form is sent once, and a request that fails says so without losing what was typed.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (!navigator.onLine) {
    // The browser's own page would take the place of what was typed.
    event.preventDefault();
    announce(document.getElementById("messages")?.dataset.offline, "notice bad offline")?.scrollIntoView({ block: "nearest" });
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-busy", "true");
  if (form.classList.contains("htmx-request")) {
    // What was typed is being saved: sent beside it, the two would be taken for two editors. It goes after the answer.
    event.preventDefault();
    form.addEventListener("htmx:afterRequest", () => {
      delete form.dataset.sent;
      form.requestSubmit(event.submitter);
    }, { once: true });
  }
});

// The second press of a double click, and a key that is held down, would meet the button that came in the place of
// the first: what was next is then done at once.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest?.("[hx-post] [type=submit]")) event.preventDefault();
}, true);
document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && event.target.closest?.("[hx-post] [type=submit]")) event.preventDefault();
}, true);

// Nor does a save begin once the form is on its way.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.dataset?.sent) event.preventDefault();
});

// Coming back by the Back button finds the form ready again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

// What is being typed stays where it is on the screen, whether a notice above it comes or goes.
function inPlace(change) {
  const typed = document.activeElement?.matches("input, select, textarea") ? document.activeElement : null;
  const before = typed?.getBoundingClientRect().top;
  change();
  if (typed) window.scrollBy({ top: typed.getBoundingClientRect().top - before, behavior: "instant" });
}

function announce(text, className = "notice bad") {
  const region = document.getElementById("messages");
  const notice = document.createElement("div");
  notice.className = className;
  const body = document.createElement("div");
  body.className = "body";
  body.textContent = text;
  notice.append(body);
  inPlace(() => region?.replaceChildren(notice));
  return region;
}

// Where somebody pressed something they look for the answer; what the page asks by itself says so once and quietly.
function askedByItself(event) {
  return !event.detail.requestConfig?.triggeringEvent?.isTrusted;
}

// A refusal page says its reason in [data-refusal]; anything else gets the general sentence.
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const reason = page.querySelector("[data-refusal]")?.textContent.trim();
  announce(reason || document.getElementById("messages")?.dataset.failed)?.scrollIntoView({ block: "nearest" });
});

// Who was signed out is told so; a page to sign in on has no place inside this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = event.detail.xhr.responseURL;
  if (!answered || !new URL(answered).pathname.includes("/account/login/")) return;
  event.detail.shouldSwap = false;
  const region = document.getElementById("messages");
  if (askedByItself(event) && region?.querySelector(".signed-out")) return;
  announce(region?.dataset.login, "notice bad signed-out");
});

document.addEventListener("htmx:sendError", (event) => {
  const region = document.getElementById("messages");
  if (askedByItself(event) && region?.querySelector(".offline")) return;
  announce(region?.dataset.offline, "notice bad offline");
  if (!askedByItself(event)) region?.scrollIntoView({ block: "nearest" });
});

function takeBackOffline() {
  const notice = document.querySelector("#messages > .offline");
  if (notice) inPlace(() => notice.remove());
}

window.addEventListener("online", takeBackOffline);

// The server answers again: that it did not is no news any more.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr?.status) takeBackOffline();
});

// An answer with errors puts the reader at the first of them.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) {
    document.querySelector("[aria-invalid='true'], [data-state='error'] input")?.focus();
  }
});
