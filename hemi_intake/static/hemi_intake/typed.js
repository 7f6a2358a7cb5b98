// What somebody typed and sent after their session had ended is in the form again once they have logged in. It is
// remembered by this tab alone, for the same person, and only until the next page that is theirs.
(() => {
  const TEXTS = "textarea, input:not([type=hidden], [type=password], [type=file], [type=checkbox], [type=radio])";
  const KEY = "typed";

  const person = () => document.querySelector("[data-person]")?.dataset.person;
  const fields = (form) => [...form.elements].filter((one) => one.name && one.matches(TEXTS));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !person()) return;
    const typed = fields(form)
      .filter((one) => one.value !== one.defaultValue)
      .map((one) => [one.name, one.value]);
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ person: person(), page: location.href, to: form.action, typed }));
    } catch {
      // A browser that remembers nothing, or too long a text: then it is typed again.
    }
  });

  const restore = (kept) => {
    const form = [...document.forms].find((one) => one.action === kept.to);
    const again = form ? fields(form).filter((one) => kept.typed.some(([name]) => name === one.name)) : [];
    for (const one of again) one.value = kept.typed.find(([name]) => name === one.name)[1];
    if (!again.length) return;
    for (let at = form.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    const note = document.createElement("p");
    note.className = "d-notice";
    note.dataset.tone = "warn";
    note.setAttribute("role", "status");
    note.textContent = "Not saved yet: what you typed before you were logged out is here again. Check it and send it.";
    form.prepend(note);
    again[0].focus();
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!person()) return;
    let kept;
    try {
      kept = JSON.parse(sessionStorage.getItem(KEY));
      sessionStorage.removeItem(KEY);
    } catch {
      return;
    }
    const loggedIn = document.referrer && new URL(document.referrer).pathname.endsWith("/login/");
    if (kept && loggedIn && kept.person === person() && kept.page === location.href) restore(kept);
  });
})();
