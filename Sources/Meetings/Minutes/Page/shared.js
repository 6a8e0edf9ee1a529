// What all pages can do beyond what they say; the script of each follows it, in one function. Without it everything is there,
// only still.
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;

// Storage may be forbidden where pages are opened from the disk: then choices last as long as the page.
const stored = {
  get(key) { try { return localStorage.getItem("minuted." + key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem("minuted." + key, value); } catch { /* lasts as long as the page */ } },
};

// Texts for the script are in data attributes; {0} stands where a number or a text belongs.
const locale = (root.lang === "en" ? "en-GB" : root.lang) + "-u-nu-latn";
const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, place) => values[place]);
const count = (text, number) => fill(text, number.toLocaleString(locale));

// Light and dark.
const themes = ["system", "light", "dark"];
function setTheme(name) {
  if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
  byId("theme").textContent = byId("theme").dataset[name];
}
let theme = themes.includes(stored.get("theme")) ? stored.get("theme") : "system";
setTheme(theme);
byId("theme").addEventListener("click", () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  stored.set("theme", theme);
  setTheme(theme);
});

// Moments in the reader's own time.
for (const time of document.querySelectorAll("time")) {
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) continue;
  time.title = time.textContent;
  time.textContent = new Intl.DateTimeFormat(locale, { hourCycle: "h23", dateStyle: "long", timeStyle: "short" }).format(date);
}
