// What unfolds, follows and is copied in place? Without this script each of them is a plain link, or plain text.
(() => {
  // The text of a message is fetched when somebody unfolds it; once, unless that fails.
  const unfold = async (details) => {
    const address = details.dataset.load;
    details.removeAttribute("data-load");
    const text = Object.assign(document.createElement("pre"), { className: "d-raw", tabIndex: 0, dir: "auto" });
    text.textContent = "…";
    details.querySelector("summary").after(text);
    try {
      const answer = await fetch(address, { headers: { Accept: "text/plain" } });
      // Whose session ended is led to the log-in, by the link.
      if (answer.redirected) throw new Error("led elsewhere");
      text.textContent = answer.ok ? await answer.text() : "This message is no longer available.";
    } catch {
      text.remove();
      details.dataset.load = address;
    }
  };
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches?.("details[data-load][open]")) unfold(event.target);
    },
    true,
  );

  // Older events are put below the ones that are there.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-older]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { headers: { "X-Part": "timeline" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      const events = [...part.querySelectorAll(".d-timeline > li")];
      document.querySelector("#timeline .d-timeline").append(...events);
      const further = part.querySelector("a[data-older]");
      if (events.length) {
        events[0].tabIndex = -1;
        events[0].focus();
      }
      if (further) link.href = further.getAttribute("href");
      else link.parentElement.remove();
    } catch {
      location.href = link.href;
    }
  });

  document.querySelectorAll("button[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  });
})();
