// One event source a page. It comes back by itself, fast, and says so: a page that missed something asks for it again.
//
// The live dot shows the state: "live" while there is contact, "lost" after 5 s without, "reload" where nothing is live.
// After a gap, `live:resumed` goes to <body>: what must be right again has `hx-trigger="…, live:resumed from:body"`.
import htmx from "./htmx";

const LOST_AFTER = 5_000;
const RETRY_LEAST = 500;
const RETRY_MOST = 3_000;

type State = "live" | "lost" | "reload";

let state: State | undefined;
let timer = 0;

/** An EventSource that never gives up: the browser's own ends for good at the first answer that is no stream. */
class SteadySource extends EventTarget {
  readyState: number = EventSource.CONNECTING;
  onopen: ((event: Event) => void) | null = null;
  /** Never called: what failed is mended here, and the extension would only write it to the console. */
  onerror: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;

  #source: EventSource | undefined;
  #wait = RETRY_LEAST;
  #timer = 0;
  #opened = false;
  readonly #listeners = new Map<string, Set<EventListenerOrEventListenerObject>>();

  constructor(readonly url: string) {
    super();
    this.#connect();
  }

  override addEventListener(name: string, listener: EventListenerOrEventListenerObject | null): void {
    if (!listener) return;
    const known = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, known.add(listener));
    this.#source?.addEventListener(name, listener);
  }

  override removeEventListener(name: string, listener: EventListenerOrEventListenerObject | null): void {
    if (!listener) return;
    this.#listeners.get(name)?.delete(listener);
    this.#source?.removeEventListener(name, listener);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.readyState = EventSource.CLOSED;
    this.#source?.close();
    show("reload");
  }

  #connect(): void {
    const source = new EventSource(this.url, { withCredentials: true });
    this.#source = source;
    for (const [name, listeners] of this.#listeners) for (const one of listeners) source.addEventListener(name, one);
    source.onmessage = (event) => this.onmessage?.(event);
    source.onopen = (event) => this.#open(event);
    source.onerror = () => this.#failed();
  }

  #open(event: Event): void {
    this.readyState = EventSource.OPEN;
    this.#wait = RETRY_LEAST;
    show("live");
    if (this.#opened) htmx.trigger(document.body, "live:resumed");
    this.#opened = true;
    this.onopen?.(event);
  }

  #failed(): void {
    if (this.readyState === EventSource.CLOSED) return;
    this.readyState = EventSource.CONNECTING;
    show("lost");
    // Its own retry may wait for long, or never come: this one is ours, spread so that pages do not come back as one.
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#connect(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, RETRY_MOST);
  }
}

export function startLive(): void {
  if (document.querySelector("[sse-connect]")) show("lost");
  else draw("reload");
  document.addEventListener("htmx:load", () => state && !timer && draw(state));
  const withSources = htmx as typeof htmx & { createEventSource: (url: string) => SteadySource };
  withSources.createEventSource = (url) => new SteadySource(url);
  // Leaving a page closes its stream; one that the browser kept for going back begins anew.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function show(wanted: State): void {
  if (wanted !== "lost") draw(wanted);
  else if (state !== "lost" && !timer) timer = window.setTimeout(() => draw("lost"), LOST_AFTER);
}

function draw(wanted: State | undefined): void {
  clearTimeout(timer);
  timer = 0;
  state = wanted;
  if (!wanted) return;
  for (const dot of document.querySelectorAll<HTMLElement>("[data-live]")) dot.dataset["state"] = wanted;
}
