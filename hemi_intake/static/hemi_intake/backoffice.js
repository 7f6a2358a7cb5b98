// What do keys and choices do on our pages? Everything here also works without it, by mouse or Tab and Enter.
// A key pressed twice in haste must not decide on the next row, which nobody has seen yet: a page may say for how long
// after it came into view no key decides (data-look-first, in milliseconds), and says so when one is pressed.
(() => {
  let inView = performance.now();
  let sent = false;
  let silence;

  const say = (text) => {
    const place = document.querySelector("[data-say]");
    if (!place) return;
    place.textContent = text;
    place.hidden = false;
    clearTimeout(silence);
    silence = setTimeout(() => (place.hidden = true), 2500);
  };
  const tooEarly = () => {
    const first = Number(document.querySelector("[data-look-first]")?.dataset.lookFirst || 0);
    return performance.now() - inView < first;
  };
  // Of what is open only: a closed offer's keys sleep.
  const find = (key) => {
    const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
    const awake = all.filter(
      (one) => !one.closest("[hidden]") && (one.matches("summary") || !one.closest("details:not([open])")),
    );
    // What the page itself offers goes before what stands above every page.
    return awake.find((one) => one.closest("main")) || awake[0];
  };

  // The way back to a list leads to where somebody was in it: list.js remembers the place.
  const wayBack = () => {
    const link = document.querySelector("[data-back]");
    try {
      if (link) link.search = sessionStorage.getItem(`list:${link.pathname}`) || "";
    } catch {
      // A browser that remembers nothing still leads to the list.
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    inView = performance.now();
    wayBack();
  });
  // The theme hides a page until its scripts are there, and a hidden field takes no focus.
  window.addEventListener("load", () => {
    if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
  });
  document.addEventListener("visibilitychange", () => (inView = performance.now()));
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    inView = performance.now();
    sent = false;
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    // Behind "More filters" somebody chooses several things, and then says so.
    if (form && event.target.matches("select") && !event.target.closest(".d-more")) form.requestSubmit();
    const all = event.target.dataset.all;
    if (all)
      document.querySelectorAll(`[name="${CSS.escape(all)}"]`).forEach((one) => (one.checked = event.target.checked));
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.d-offer, form.d-ask, form.d-undo")) return;
    if (sent) event.preventDefault();
    sent = true;
    // What answers with a file, or with nothing, leaves the page where it is.
    setTimeout(() => (sent = false), 5000);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    // What lies over the page goes when somebody turns to the page.
    document.querySelectorAll("details:is(.d-offer, .d-more)[open]").forEach((one) => {
      if (!one.contains(event.target) && getComputedStyle(one.lastElementChild).position === "absolute")
        one.open = false;
    });
  });

  // The theme writes a chosen file's name into a field of its own, which our forms do not have, and fails.
  document.addEventListener(
    "change",
    (event) => {
      if (event.target.matches("input[type=file]")) event.stopPropagation();
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      document.querySelectorAll("details:is(.d-offer, .d-help, .d-more)[open]").forEach((one) => {
        one.open = false;
        one.querySelector("summary").focus();
      });
      return;
    }
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    // The number of a usual reason counts as long as nothing was typed.
    const choosing =
      typing &&
      typing.value === "" &&
      typing.closest(".d-ask")?.querySelector(`.d-usual[data-key="${CSS.escape(event.key)}"]`);
    if (typing && !choosing) return;
    const target = choosing || find(event.key);
    if (!target) return;
    event.preventDefault();
    if (sent) say("One moment: your decision is on its way.");
    else if (target.matches("input, textarea")) target.focus();
    else if (target.matches("[type=submit]:not([data-harmless])") && tooEarly())
      say(`Too early: nothing was decided. Look at this one first, then press ${event.key} again.`);
    else {
      target.click();
      // At once, not when the browser tells of it: the next letter belongs to the reason and must decide nothing.
      into(target.closest("summary")?.parentElement);
    }
  });

  const into = (offer) => {
    if (offer?.matches("details.d-offer[open]")) offer.querySelector("input:not([type=hidden])")?.focus();
  };
  document.addEventListener("toggle", (event) => into(event.target), true);
})();
