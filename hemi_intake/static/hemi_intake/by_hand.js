// What is chosen worth, while it is being chosen? Only a hint: the server works out the exact sums on the next page.
(() => {
  const form = document.querySelector("form.d-byhand[data-left]");
  if (!form) return;
  const digits = Number(form.dataset.digits);
  const live = form.querySelector("[data-live]");

  const say = (amount) => {
    const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, "0");
    const whole = (digits ? text.slice(0, -digits) : text).replace(/\B(?=(\d{3})+$)/g, ",");
    const part = digits ? `.${text.slice(-digits)}` : "";
    return `${amount < 0n ? "−" : ""}${whole}${part}\u00a0${form.dataset.currency}`;
  };
  const read = (text) => {
    const found = new RegExp(`^\\s*(\\d{1,15})(?:[.,](\\d{0,${digits}}))?\\s*$`).exec(text);
    return found ? BigInt(found[1] + (found[2] || "").padEnd(digits, "0")) : 0n;
  };
  const least = (one, other) => (one < other ? one : other);
  // The same rounding as on the server: halves up, of what was paid for all units so far.
  const share = (paid, part, whole) => (2n * paid * part + whole) / (2n * whole);

  const worth = (row, units) => {
    const { paid, quantity, held, byunits, left } = row;
    const upto = held + BigInt(units);
    const amount = share(paid, least(upto, quantity), quantity) - byunits;
    return amount < 0n ? 0n : least(amount, left);
  };

  const update = () => {
    const scope = form.dataset.scope || form.querySelector("[name=scope]:checked")?.value;
    const kind = form.querySelector("[name=kind]:checked")?.value === "post_shipment" ? "post" : "pre";
    const part = scope === "part";
    const shipping = form.querySelector("[name=shipping]");
    const charge = BigInt(form.dataset.shipping);
    let sum = 0n;
    let over = false;
    let emptied = true;
    let whole = "whole" in form.dataset;
    form.querySelectorAll("[data-item]").forEach((line) => {
      const row = {};
      for (const name of ["paid", "quantity", "held", "byunits", "left", "pre", "post"])
        row[name] = BigInt(line.dataset[name]);
      const [units, amount] = [line.querySelector("[data-units]"), line.querySelector("[data-amount]")];
      const most = Number(row[kind]);
      if (amount) {
        units.readOnly = amount.readOnly = !part;
        units.classList.toggle("d-aside", !part);
        units.max = most;
      }
      let chosen = part ? Math.max(0, Math.floor(Number(units?.value) || 0)) : scope === "shipping" ? 0 : most;
      if (chosen > most) over = true;
      if (chosen < most) whole = false;
      const alone = part ? read(amount?.value ?? "") : 0n;
      if (alone > row.left) over = true;
      const given = (chosen ? worth(row, chosen) : 0n) + alone;
      if (given < row.left) emptied = false;
      sum += given;
    });
    if (shipping) shipping.disabled = !part;
    const withShipping = scope === "order" || scope === "shipping" || whole || (part && shipping?.checked);
    if (withShipping) sum += charge;
    const left = BigInt(form.dataset.left);
    if (emptied && (withShipping || charge === 0n)) sum = left;
    sum = least(sum, left);
    live.hidden = false;
    live.dataset.tone = over ? "bad" : "";
    live.querySelector("[data-live-sum]").textContent = over ? "more than is refundable for an item" : say(sum);
    // How an automatic proposal changes beside this is shown on the next page.
    live.querySelector("[data-live-rest]").hidden = over || "givesWay" in form.dataset;
    live.querySelector("[data-live-left]").textContent = say(left - sum);
  };

  const all = form.querySelector("[data-fill]");
  if (all) all.hidden = false;
  all?.addEventListener("click", () => {
    form.querySelectorAll("[data-units]").forEach((units) => (units.value = units.max));
    update();
  });
  // Lines of which nothing was chosen are not posted: an order may have thousands.
  form.addEventListener("submit", () => {
    form.querySelectorAll("[data-units], [data-amount]").forEach((input) => {
      input.disabled = ["", "0"].includes(input.value.trim());
    });
  });
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
})();
