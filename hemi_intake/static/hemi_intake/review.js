// For how long can the last decision still be undone? The offer counts down and goes; the server has the last word.
(() => {
  const offer = document.querySelector(".d-undo");
  if (!offer) return;
  const ends = performance.now() + Number(offer.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left <= 0) return offer.remove();
    offer.querySelector("[data-left]").textContent = left;
    setTimeout(tick, 250);
  };
  tick();
})();
