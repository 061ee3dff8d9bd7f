// One polite region speaks for everything live: at most every 15 s, and at once when a state changes.
//
// A fragment says what it would say in data-announce="…"; with data-announce-now it is a change of state. The tab's title
// follows data-tab-title="61 % · CRM export, November".

const QUIET = 15_000;

let spoken = 0;
let waiting = 0;

export function startAnnounce(): void {
  document.addEventListener("htmx:afterSettle", listen);
}

function listen(): void {
  const title = document.querySelector<HTMLElement>("[data-tab-title]")?.dataset["tabTitle"];
  if (title && document.title !== title) document.title = title;
  const source = document.querySelector<HTMLElement>("[data-announce]");
  const words = source?.dataset["announce"];
  const region = document.querySelector("#announcer");
  if (!source || !words || !region || region.textContent === words) return;
  clearTimeout(waiting);
  const wait = source.hasAttribute("data-announce-now") ? 0 : Math.max(0, spoken + QUIET - Date.now());
  waiting = window.setTimeout(() => {
    spoken = Date.now();
    region.textContent = words;
  }, wait);
}
