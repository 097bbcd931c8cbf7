// What a page does more where scripts run; everything works without them.
const wide = matchMedia("(min-width: 52.01rem)");
function unfoldMenu() {
  for (const menu of document.querySelectorAll("[data-menu]")) menu.open = wide.matches;
}
function lookAtErrors() {
  document.querySelector("[data-focus]")?.focus();
}
document.addEventListener("DOMContentLoaded", () => { unfoldMenu(); lookAtErrors(); });
wide.addEventListener("change", unfoldMenu);
// A form that is on its way is not sent twice; its key would refuse it anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
// A photo is taken where a field asks for one; a print button prints.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
