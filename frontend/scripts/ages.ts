// "6 min ago" stays true while the page is open. Only what is younger than an hour changes; the rest the server has said.

const MINUTE = 60_000;

export function startAges(): void {
  setInterval(refresh, 15_000);
  document.addEventListener("htmx:load", refresh);
}

function refresh(): void {
  const now = Date.now();
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-age]")) {
    const minutes = Math.floor((now - Date.parse(time.dateTime)) / MINUTE);
    if (minutes < 0 || minutes >= 60) continue;
    const words = minutes < 1 ? "now" : `${minutes} min ago`;
    if (time.textContent !== words) time.textContent = words;
  }
}
