// form[data-upload]: a file dropped anywhere on the page or chosen is sent with progress, then the browser goes where the
// answer leads. data-upload-limit (bytes) is checked before anything is sent. Without scripts it is an ordinary form.
//
// Inside: [data-upload-words], [data-upload-share], rect[data-upload-bar], [data-upload-cancel], [data-upload-error] (hidden).

const SIZES = ["bytes", "KB", "MB", "GB"];

export function startUpload(): void {
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    const form = input.closest<HTMLFormElement>("form[data-upload]");
    if (form && input.type === "file" && input.files?.length) send(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("form[data-upload]") || !file(form)) return;
    event.preventDefault();
    send(form);
  });
  document.addEventListener("dragover", (event) => {
    if (!document.querySelector("form[data-upload]") || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("is-dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) document.body.classList.remove("is-dragging");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("is-dragging");
    const form = document.querySelector<HTMLFormElement>("form[data-upload]");
    const input = form?.querySelector<HTMLInputElement>("input[type=file]");
    if (!form || !input || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    send(form);
  });
}

function send(form: HTMLFormElement): void {
  const sent = file(form);
  if (!sent || form.classList.contains("is-uploading")) return;
  const limit = Number(form.dataset["uploadLimit"] ?? 0);
  if (limit && sent.size > limit) {
    fail(form, `${sent.name} has ${size(sent.size)}. Up to ${size(limit)} can be read. Nothing was sent.`);
    return;
  }
  const request = new XMLHttpRequest();
  const cancel = form.querySelector("[data-upload-cancel]");
  const stop = () => request.abort();
  cancel?.addEventListener("click", stop);
  request.upload.addEventListener("progress", (event) => draw(form, event.loaded, event.total));
  request.addEventListener("load", () => answered(form, request));
  request.addEventListener("error", () => fail(form, "The connection broke off. The part that arrived was not kept."));
  request.addEventListener("loadend", () => cancel?.removeEventListener("click", stop));
  request.addEventListener("abort", () => reset(form));
  form.querySelector("[data-upload-error]")?.setAttribute("hidden", "");
  form.classList.add("is-uploading");
  draw(form, 0, sent.size);
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "1");
  request.send(new FormData(form));
}

/** A redirect was followed already: its address is where to go. A form that came back with errors takes the page's place. */
function answered(form: HTMLFormElement, request: XMLHttpRequest): void {
  const led = request.getResponseHeader("X-Location");
  if (led && new URL(led, location.href).origin === location.origin) location.assign(led);
  else if (request.status < 300 && request.responseURL !== form.action) location.assign(request.responseURL);
  else {
    const main = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
    if (main && request.status < 500) document.querySelector("main")?.replaceWith(main);
    else fail(form, "The file could not be taken. Nothing was stored. Try again in a moment.");
  }
}

function draw(form: HTMLFormElement, done: number, whole: number): void {
  const share = whole ? (100 * done) / whole : 0;
  const words = done < whole || !whole ? `${size(done)} of ${size(whole)}` : "Arrived, now it is looked at";
  form.querySelector("[data-upload-words]")?.replaceChildren(words);
  form.querySelector("[data-upload-share]")?.replaceChildren(`${Math.floor(share)} %`);
  form.querySelector("[data-upload-bar]")?.setAttribute("width", `${share.toFixed(1)}%`);
}

function fail(form: HTMLFormElement, words: string): void {
  reset(form);
  const error = form.querySelector<HTMLElement>("[data-upload-error]");
  error?.removeAttribute("hidden");
  (error?.querySelector("[data-upload-error-words]") ?? error)?.replaceChildren(words);
}

function reset(form: HTMLFormElement): void {
  form.classList.remove("is-uploading");
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  if (input) input.value = "";
}

function file(form: HTMLFormElement): File | undefined {
  return form.querySelector<HTMLInputElement>("input[type=file]")?.files?.[0];
}

function size(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), SIZES.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power && bytes < 100 * 1000 ** power ? 1 : 0)} ${SIZES[power]}`;
}
