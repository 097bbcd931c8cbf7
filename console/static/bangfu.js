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
// A picture of a certificate's code is read on this machine, where its browser can read codes.
const NUMBER = /[A-Z]{2}-C-\d{4}-\d{6}-\d{6}/;
async function readCode(picture) {
  const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(picture));
  return found.map((one) => NUMBER.exec(one.rawValue)?.[0]).find(Boolean);
}
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("[data-camera]");
  if (!field || !("BarcodeDetector" in window)) return;
  field.hidden = false;
  field.querySelector("input").addEventListener("change", async (event) => {
    const number = await readCode(event.target.files[0]).catch(() => undefined);
    if (number) location.assign(`${field.dataset.camera}?number=${number}`);
    field.querySelector("[data-camera-failed]").hidden = Boolean(number);
  });
});
// A print button prints.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
