// What do the ticked refunds come to? Without this the bar works all the same, and the next page says it.
const bar = document.getElementById("bulk");
const boxes = [...document.querySelectorAll('[form="bulk"][name="row"]')];
const all = bar.querySelector("[data-all]");
const every = bar.querySelector('[name="every"]');
const sum = bar.querySelector("[data-sum]");

function written(amount, digits) {
  const text = String(amount).padStart(digits + 1, "0");
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
}

function show() {
  const ticked = boxes.filter((one) => one.checked);
  const sums = new Map();
  for (const { dataset } of ticked) {
    const before = sums.get(dataset.currency) ?? { amount: 0, digits: Number(dataset.digits) };
    sums.set(dataset.currency, { ...before, amount: before.amount + Number(dataset.amount) });
  }
  const amounts = [...sums].map(([currency, one]) => `${written(one.amount, one.digits)}\u00a0${currency}`);
  sum.textContent = every.checked
    ? `All ${every.dataset.total} selected`
    : ticked.length
      ? `${ticked.length} selected: ${amounts.join(" + ")}`
      : "None selected";
  all.checked = ticked.length > 0 && ticked.length === boxes.length;
  all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  bar.querySelectorAll("button").forEach((button) => (button.disabled = !every.checked && !ticked.length));
}

document.addEventListener("change", show);
// Who comes back finds the boxes as they were.
window.addEventListener("pageshow", show);
show();
