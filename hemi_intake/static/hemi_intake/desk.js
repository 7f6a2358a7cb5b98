// What do keys and choices do on our pages? Everything here also works without it, by mouse or Tab and Enter.
// A key pressed twice in haste must not decide on the next refund, which nobody has seen yet.
const LOOK_FIRST_MS = 700;

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form && event.target.matches("select")) form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "Escape") {
    document.querySelectorAll("details.d-offer[open]").forEach((one) => {
      one.open = false;
      one.querySelector("summary").focus();
    });
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) target.focus();
  else if (performance.now() > LOOK_FIRST_MS) target.click();
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.d-offer[open]")) event.target.querySelector("input:not([type=hidden])")?.focus();
  },
  true,
);
