// The keys of the page, the list of products, and a sign when the PDV is gone. Everything else is the server's and htmx's.
"use strict";

const typing = (element) =>
  element instanceof HTMLInputElement ? !["radio", "checkbox", "submit", "button"].includes(element.type)
    : element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;

// What stands on the page with this key. A letter means itself only where no text is being typed.
function target(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const letter = event.key.length === 1;
  const field = typing(document.activeElement) ? document.activeElement : null;
  // The field for products is always ready: while it is empty, Y is the key of the POS.
  const ready = field !== null && field.id === "code" && field.value === "" && event.key.toLowerCase() === "y";
  if (letter && field !== null && !ready) return null;
  const key = letter ? event.key.toLowerCase() : event.key;
  if (key === "Enter" && document.activeElement instanceof HTMLElement && document.activeElement.matches("a, button, input, select")) return null;
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

document.addEventListener("keydown", (event) => {
  const found = target(event);
  if (found === null) return;
  event.preventDefault();
  if (found instanceof HTMLInputElement) {
    found.focus();
    found.select();
  } else {
    found.click();
  }
});

// A field with an amount is typed over, not added to; the one that the page begins with may have had the focus before this ran.
function typedOver(field) {
  if (field instanceof HTMLInputElement && field.inputMode === "decimal") field.select();
}
document.addEventListener("focusin", (event) => typedOver(event.target));
document.addEventListener("DOMContentLoaded", () => typedOver(document.activeElement));

const code = () => document.getElementById("code");

// Arrows go through the products that were found; a click or Enter puts one on the sale.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const products = [...document.querySelectorAll("#found .product")];
  const at = products.indexOf(document.activeElement);
  if (products.length === 0 || (at < 0 && document.activeElement !== code())) return;
  event.preventDefault();
  const next = event.key === "ArrowDown" ? at + 1 : at - 1;
  (next < 0 ? code() : products[Math.min(next, products.length - 1)]).focus();
});
document.addEventListener("click", (event) => {
  const product = event.target instanceof Element ? event.target.closest(".product") : null;
  if (product === null) return;
  const star = code().value.lastIndexOf("*");
  code().value = code().value.slice(0, star + 1) + product.dataset.code;
  htmx.trigger("#add", "submit");
});

// After an item was put on the sale the field is ready for the next one; after a "no" it keeps what was typed.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id !== "add") return;
  if (event.detail.successful) {
    code().value = "";
    document.getElementById("found").replaceChildren();
  } else {
    code().select();
  }
  code().focus();
});

// Instalments belong to credit.
function onlyFor() {
  const chosen = document.querySelector("select[name=forma]");
  for (const part of document.querySelectorAll("[data-only-for]")) part.hidden = chosen === null || chosen.value !== part.dataset.onlyFor;
}
document.addEventListener("change", onlyFor);
document.addEventListener("DOMContentLoaded", onlyFor);

// What somebody is typing into is not replaced under their hands; it is brought up to date when they leave it.
const edited = (part) => {
  const field = document.activeElement;
  return field instanceof HTMLInputElement && part.contains(field) && field.value !== field.defaultValue;
};
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "forms" && edited(event.detail.target)) event.detail.shouldSwap = false;
});
document.addEventListener("focusout", (event) => {
  const forms = event.target instanceof HTMLInputElement ? event.target.closest("#forms") : null;
  if (forms !== null && !forms.contains(event.relatedTarget)) htmx.trigger(forms, "refresh");
});

// Focus does not get lost when a part of the page is replaced, and goes to what an ended sale offers.
document.addEventListener("htmx:afterSwap", () => {
  if (document.activeElement === document.body) document.querySelector("main [autofocus]")?.focus();
});

// The stream of changes says when the PDV is gone. Whenever it begins, the page catches up with what it may have missed.
document.addEventListener("htmx:sseError", () => {
  document.getElementById("lost").hidden = false;
});
document.addEventListener("htmx:sseOpen", () => {
  document.getElementById("lost").hidden = true;
  for (const id of ["payments", "forms"]) htmx.trigger(document.getElementById(id), "refresh");
});
