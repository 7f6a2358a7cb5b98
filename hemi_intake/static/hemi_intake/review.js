// What changes on the page of a refund while it is open? The offer to undo runs out, and others come and go.
(() => {
  const offer = document.querySelector(".d-undo");
  if (!offer) return;
  const ends = performance.now() + Number(offer.dataset.seconds) * 1000;
  const end = () => {
    // What was decided stays in sight; a notice that says nothing else goes.
    offer.querySelectorAll("[data-offer], button").forEach((one) => one.remove());
    if (!offer.textContent.trim()) offer.remove();
  };
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    // The server has the last word.
    if (left <= 0) return end();
    offer.querySelector("[data-left]").textContent = left;
    setTimeout(tick, 250);
  };
  tick();
})();

(() => {
  const beat = document.querySelector("form[data-beat]");
  if (!beat) return;
  // A screen that nobody touches is open no longer; its session may end.
  const UNATTENDED_MS = 10 * 60 * 1000;
  let touched = performance.now();
  for (const sign of ["keydown", "pointermove", "scroll"])
    document.addEventListener(sign, () => (touched = performance.now()), { passive: true });

  const show = (name, text) => {
    const place = document.querySelector(`[data-${name}]`);
    if (place.textContent.trim() !== text) place.textContent = text;
    place.hidden = !text;
  };
  const say = async () => {
    if (document.hidden || performance.now() - touched > UNATTENDED_MS) return;
    try {
      const answer = await fetch(beat.action, { method: "POST", body: new FormData(beat), credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const said = await answer.json();
      show("others", said.others);
      show("changed", said.changed);
    } catch {
      // The next beat says it.
    }
  };
  // After a reload the news that the page before it was closed may have come last.
  setTimeout(say, 1500);
  setInterval(say, Number(beat.dataset.beat) * 1000);
  document.addEventListener("visibilitychange", say);
  window.addEventListener("pageshow", (event) => event.persisted && say());
  window.addEventListener("pagehide", () => {
    const closing = new FormData(beat);
    closing.append("close", "1");
    navigator.sendBeacon(beat.action, closing);
  });
})();
