// What do keys do on a list, and how does it remember where somebody was? Everything also works without it.
const PLACE = `list:${location.pathname}`;
const links = [...document.querySelectorAll("[data-list] .d-rows tbody th a")];

function step(by) {
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[next]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (
    event.target.closest("input, select, textarea, summary, details[open]") ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey
  )
    return;
  const onRow = links.includes(document.activeElement);
  if (event.key === "j" || (onRow && event.key === "ArrowDown")) step(1);
  else if (event.key === "k" || (onRow && event.key === "ArrowUp")) step(-1);
  else return;
  event.preventDefault();
});

// The addresses of lists stay short: what was left empty is not said, except where empty means something.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-list] form[method=get]")) return;
  event.target.querySelectorAll("[name]").forEach((one) => {
    if (!one.value && !("said" in one.dataset)) one.disabled = true;
  });
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-list] form[method=get] [name]").forEach((one) => (one.disabled = false));
});

// What a row has no room for is said on hover.
document.addEventListener("pointerover", (event) => {
  const cell = event.target.closest?.("[data-list] .d-rows td");
  if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.innerText;
});

// Who comes back from a row finds the list as it was, and the row under the keys.
try {
  sessionStorage.setItem(PLACE, location.search);
  const was = sessionStorage.getItem(`${PLACE}row`);
  const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (back || /\/\d+\/change\/$/.test(document.referrer))
    links.find((link) => link.getAttribute("href") === was)?.focus();
  links.forEach((link) =>
    link.addEventListener("click", () => sessionStorage.setItem(`${PLACE}row`, link.getAttribute("href"))),
  );
} catch {
  // A browser that remembers nothing still shows lists.
}

// Where the views are more than fit beside each other, the one that is shown is among those in sight.
document.querySelector(".d-tabs nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.querySelectorAll("[data-move]").forEach((button) => {
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    const row = button.closest("li");
    const other = button.dataset.move < 0 ? row.previousElementSibling : row.nextElementSibling;
    // The first column leads to the row's page and stays the first.
    if (!other || !other.querySelector("[data-move]")) return;
    if (button.dataset.move < 0) other.before(row);
    else other.after(row);
    button.focus();
  });
});
