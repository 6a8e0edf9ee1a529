// What a meeting's page can do beyond what shared.js does.
// The bar shows the title once the heading is out of sight; the contents show where the reader is.
const bar = document.querySelector(".bar");
new IntersectionObserver(([entry]) => bar.classList.toggle("over-text", !entry.isIntersecting), { rootMargin: "-56px 0px 0px" })
  .observe(document.querySelector("h1"));
const entries = new Map();
for (const link of document.querySelectorAll(".contents a")) entries.set(link.getAttribute("href").slice(1), link);
const visible = new Set();
const spy = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) isIntersecting ? visible.add(target.id) : visible.delete(target.id);
  // The last in the page's order is the innermost of those at the top.
  const current = [...entries.keys()].filter((id) => visible.has(id)).pop();
  for (const [id, link] of entries) {
    if (id === current) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-15% 0px -75%" });
for (const id of entries.keys()) { const target = byId(id); if (target) spy.observe(target); }

// The transcript: found by words and by speaker.
const lines = [...document.querySelectorAll(".stretch > p")].map((element) => ({
  element,
  speaker: element.querySelector("b")?.textContent ?? "",
  words: element.lastElementChild,
}));
const [find, who, found, said] = ["find", "who", "found", "said"].map(byId);
for (const speaker of [...new Set(lines.map((line) => line.speaker))].filter(Boolean).sort()) {
  who.append(new Option(speaker, speaker));
}
const stretches = [...document.querySelectorAll(".stretch")];
function filter() {
  const words = find.value.trim().toLocaleLowerCase();
  const isFiltered = words !== "" || who.value !== "";
  const ranges = [];
  let shown = 0;
  for (const line of lines) {
    const text = line.words.textContent;
    // toLocaleLowerCase may change a text's length; then the match is shown, but not marked.
    const lower = text.toLocaleLowerCase();
    let at = words === "" ? -1 : lower.indexOf(words);
    const isShown = (who.value === "" || line.speaker === who.value) && (words === "" || at >= 0);
    line.element.hidden = !isShown;
    if (!isShown) continue;
    shown += 1;
    const node = line.words.firstChild;
    for (; at >= 0 && lower.length === text.length; at = lower.indexOf(words, at + words.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      ranges.push(range);
    }
  }
  for (const stretch of stretches) stretch.hidden = isFiltered && !stretch.querySelector(":scope > p:not([hidden])");
  said.classList.toggle("filtered", isFiltered);
  found.textContent = isFiltered ? count(found.dataset.text, shown) : "";
  // Marks without a change to the text: where the browser cannot, turns are found and nothing is marked.
  if (globalThis.Highlight && CSS.highlights) CSS.highlights.set("found", new Highlight(...ranges));
}
let typing = 0;
find.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, 120); });
who.addEventListener("change", filter);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    said.open = true;
    find.focus();
  } else if (event.key === "Escape") {
    hidePeek();
    if (document.activeElement === find && find.value !== "") { find.value = ""; filter(); }
  }
});

// Links into the transcript: shown beside the pointer, and with a way back.
const peek = byId("peek");
function hidePeek() { peek.hidden = true; }
function showPeek(link) {
  const line = byId(link.getAttribute("href").slice(1));
  if (!line) return;
  const name = line.querySelector("b");
  peek.replaceChildren();
  if (name) { const b = document.createElement("b"); b.textContent = name.textContent + " "; peek.append(b); }
  peek.append(line.lastElementChild.textContent);
  peek.hidden = false;
  const [at, size] = [link.getBoundingClientRect(), peek.getBoundingClientRect()];
  const left = Math.max(12, Math.min(at.left, innerWidth - size.width - 12));
  const top = at.bottom + size.height + 16 > innerHeight ? at.top - size.height - 8 : at.bottom + 8;
  peek.style.transform = "translate(" + Math.round(left) + "px," + Math.round(Math.max(8, top)) + "px)";
}
const cite = (event) => event.target.closest?.("a.cite");
document.addEventListener("mouseover", (event) => { const link = cite(event); if (link) showPeek(link); else hidePeek(); });
document.addEventListener("focusin", (event) => { const link = cite(event); if (link?.matches(":focus-visible")) showPeek(link); });
document.addEventListener("focusout", hidePeek);
addEventListener("scroll", hidePeek, { passive: true });
const back = byId("return");
let origin = null;
function reveal(target) {
  if (!target) return;
  for (let details = target.closest("details"); details; details = details.parentElement.closest("details")) details.open = true;
  if (target.hidden || target.closest("[hidden]")) { find.value = who.value = ""; filter(); }
  target.scrollIntoView();
  // What is skipped above the target gets its true height only now.
  requestAnimationFrame(() => target.scrollIntoView());
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  hidePeek();
  if (link.matches(".cite")) { origin = link; back.hidden = false; } else { back.hidden = true; }
  const target = byId(link.getAttribute("href").slice(1));
  if (target && (target.closest("details:not([open]), [hidden]") || target.closest(".stretch"))) {
    requestAnimationFrame(() => reveal(target));
  }
});
back.addEventListener("click", () => {
  back.hidden = true;
  if (!origin) return;
  origin.scrollIntoView({ block: "center" });
  origin.focus({ preventScroll: true });
});
if (location.hash.length > 1) reveal(byId(location.hash.slice(1)));

// Print what is open; what is found only is no reason to leave the rest out.
let isPrinting = false;
addEventListener("beforeprint", () => { isPrinting = true; });
addEventListener("afterprint", () => { isPrinting = false; });

// Up to date. A page from the disk can neither fetch a file nor look into a frame, and a script file beside it
// would have to be allowed by its name and would be a second file to keep together with this one. Loading the page
// itself again works everywhere; what the reader had open, found and looked at is kept in the history's entry,
// which belongs to this tab alone.
const seconds = Number(root.dataset.refresh);
const counts = () => ({
  turns: lines.length,
  parts: document.querySelectorAll(".part").length,
  items: document.querySelectorAll(".items li").length,
});
const news = byId("news");
const pause = byId("pause");

// What the reader looks at: the first line or block below the bar, and how far below the top it is.
function place() {
  const last = lines.at(-1)?.element;
  if (last && last.getBoundingClientRect().top < innerHeight && last.getBoundingClientRect().bottom > 0) {
    return { id: "last", bottom: innerHeight - last.getBoundingClientRect().bottom };
  }
  const middle = document.querySelector("main").getBoundingClientRect().left + 40;
  for (let y = 70; y < innerHeight; y += 24) {
    const target = document.elementFromPoint(middle, y)?.closest?.("main [id]");
    if (target) return { id: target.id, top: target.getBoundingClientRect().top };
  }
  return null;
}
function restorePlace(at) {
  const target = at.id === "last" ? lines.at(-1)?.element : byId(at.id);
  if (!target) return;
  const box = target.getBoundingClientRect();
  scrollBy(0, at.id === "last" ? at.bottom - (innerHeight - box.bottom) : box.top - at.top);
}
function save() {
  const focused = document.activeElement;
  history.replaceState({
    minuted: {
      counts: counts(), y: scrollY, at: scrollY > 0 ? place() : null, find: find.value, who: who.value,
      open: [...document.querySelectorAll("details")].map((details) => [details.id, details.open]),
      focus: focused?.id || (focused?.matches?.("a[href^='#']") ? focused.getAttribute("href") : ""), isPaused,
    },
  }, "");
}
let isPaused = false;
function restore(state) {
  for (const [id, open] of state.open) { const details = byId(id); if (details) details.open = open; }
  if (state.find || state.who) { find.value = state.find; who.value = state.who; filter(); }
  const focused = state.focus.startsWith("#") ? document.querySelector("a[href='" + CSS.escape(state.focus).replace("\\#", "#") + "']") : byId(state.focus);
  focused?.focus({ preventScroll: true });
  if (state.at) {
    history.scrollRestoration = "manual";
    scrollTo(0, state.y);
    restorePlace(state.at);
    // Again when what has come into view has its true height.
    requestAnimationFrame(() => { restorePlace(state.at); requestAnimationFrame(() => restorePlace(state.at)); });
  }
  const now = counts();
  const said = ["turns", "parts", "items"].filter((key) => now[key] > state.counts[key])
    .map((key) => count(news.dataset[key], now[key] - state.counts[key]));
  for (const line of lines.slice(state.counts.turns)) line.element.classList.add("new");
  // Set after loading, so that a screen reader says it.
  if (said.length) setTimeout(() => { news.textContent = said.reduce((one, other) => fill(news.dataset.list, one, other)); }, 50);
}
const kept = history.state?.minuted;
if (kept) {
  history.replaceState(null, "");
  restore(kept);
}
if (seconds > 0) {
  let touched = 0;
  for (const kind of ["pointerdown", "wheel", "keydown", "touchmove"]) {
    addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
  }
  const isBusy = () => document.hidden || isPrinting || isPaused || !getSelection().isCollapsed
    || document.activeElement === find || document.activeElement === who || !peek.hidden || !back.hidden && performance.now() - touched < 15000
    || performance.now() - touched < 2000;
  function setPaused(value) {
    isPaused = value;
    pause.setAttribute("aria-pressed", String(value));
    pause.textContent = value ? pause.dataset.paused : pause.dataset.on;
    pause.title = value ? pause.dataset.pausedTip : pause.dataset.tip;
  }
  if (kept?.isPaused) setPaused(true);
  pause.addEventListener("click", () => setPaused(!isPaused));
  setInterval(() => {
    if (performance.now() < seconds * 1000 || isBusy()) return;
    save();
    location.reload();
  }, 1000);
}
