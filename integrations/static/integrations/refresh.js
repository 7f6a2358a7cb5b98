// What fills while the page is open? Every part that names where its newest state is, as long as it says that it runs.
const EVERY_MS = 1500;

async function refresh(part) {
  let text;
  try {
    const answer = await fetch(part.dataset.refresh, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return answer.status >= 500;
    text = await answer.text();
  } catch {
    return true;
  }
  // Whoever stands on a link or a button with the keyboard stays on it.
  const at = part.contains(document.activeElement) && document.activeElement;
  const on = at && at.getAttribute("href");
  part.innerHTML = text;
  if (on) part.querySelector(`[href="${CSS.escape(on)}"]`)?.focus();
  else if (at && at.matches("button")) part.querySelector("button")?.focus();
  return part.querySelector("[data-running]") !== null;
}

document.querySelectorAll("[data-refresh]").forEach((part) => {
  const again = async () => {
    if (document.hidden || (await refresh(part))) setTimeout(again, EVERY_MS);
  };
  if (part.querySelector("[data-running]")) setTimeout(again, EVERY_MS);
});
