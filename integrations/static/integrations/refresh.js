// What fills while the page is open? Every part that names where its newest state is, as long as it says that it runs.
const EVERY_MS = 1500;

async function refresh(part) {
  let answer;
  try {
    answer = await fetch(part.dataset.refresh, { credentials: "same-origin" });
  } catch {
    return true;
  }
  if (!answer.ok || answer.redirected) return answer.status >= 500;
  part.innerHTML = await answer.text();
  return part.querySelector("[data-running]") !== null;
}

document.querySelectorAll("[data-refresh]").forEach((part) => {
  const again = async () => {
    if (document.hidden || (await refresh(part))) setTimeout(again, EVERY_MS);
  };
  if (part.querySelector("[data-running]")) setTimeout(again, EVERY_MS);
});
