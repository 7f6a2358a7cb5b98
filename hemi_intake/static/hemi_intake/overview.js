// How does the overview stay true while it is open? What waits is asked for again, as long as somebody can see it.
const EVERY_MS = 30000;
const part = document.getElementById("now");
let shown = null;
let timer = null;

function keepFocus(change) {
  const at = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  change();
  if (at) part.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
}

// What grows old says so: why is "out" (of the session), "away" (the server), or "" as long as all is well.
function grows(why) {
  document.querySelectorAll("[data-stale]").forEach((one) => (one.hidden = one.dataset.stale !== why));
}

async function again() {
  timer = null;
  try {
    const answer = await fetch(part.dataset.now, { credentials: "same-origin" });
    if (answer.redirected || answer.status === 403) return grows("out");
    grows(answer.ok ? "" : "away");
    const text = answer.ok ? await answer.text() : shown;
    // Nothing is touched while somebody reads an explanation, and nothing that is still the same.
    if (text !== shown && !part.querySelector("details[open]")) {
      shown = text;
      keepFocus(() => {
        part.innerHTML = text;
      });
    }
  } catch {
    grows("away");
  }
  wait();
}

function wait() {
  clearTimeout(timer);
  timer = document.hidden ? null : setTimeout(again, EVERY_MS);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) wait();
  else if (timer === null) again();
});
wait();
