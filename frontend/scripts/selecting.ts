// On a phone the boxes of a list are hidden until [data-selecting] is pressed or a row is held for half a second.

const HELD = 500;

export function startSelecting(): void {
  let timer = 0;
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-selecting]")) document.body.classList.toggle("selecting");
  });
  document.addEventListener("touchstart", (event) => {
    const tick = (event.target as Element).closest("tr")?.querySelector<HTMLInputElement>("[data-tick]");
    if (!tick) return;
    timer = window.setTimeout(() => {
      document.body.classList.add("selecting");
      tick.click();
    }, HELD);
  }, { passive: true });
  for (const end of ["touchend", "touchmove", "touchcancel"]) document.addEventListener(end, () => clearTimeout(timer), { passive: true });
}
