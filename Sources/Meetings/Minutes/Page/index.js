// What the page of all meetings can do beyond what shared.js does: meetings are found by words.
const rows = [...document.querySelectorAll(".meetings > li")].map((element) => ({
  element,
  text: element.textContent.toLocaleLowerCase(),
}));
const [find, found] = ["find", "found"].map(byId);
function filter() {
  const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const isShown = words.every((word) => row.text.includes(word));
    row.element.hidden = !isShown;
    if (isShown) shown += 1;
  }
  found.textContent = words.length > 0 ? shown.toLocaleString(locale) + " / " + rows.length.toLocaleString(locale) : "";
}
let typing = 0;
find.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, 120); });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== find && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    find.focus();
  } else if (event.key === "Escape" && find.value !== "") {
    find.value = "";
    filter();
  }
});
// A browser that goes back keeps what was typed.
filter();
