// Behaviour that HTML cannot give: status messages after a swap, focus on errors, keyboard shortcuts named by the page.
(() => {
  "use strict";
  const status = () => document.getElementById("status");

  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const focus = target && target.querySelector("[data-focus]");
    if (focus) focus.focus();
    const said = target && target.querySelector("[data-status]");
    if (said) status().textContent = said.dataset.status;
  });

  for (const name of ["htmx:response:error", "htmx:error"]) {
    document.addEventListener(name, () => {
      const region = document.getElementById("alert");
      region.replaceChildren(Object.assign(document.createElement("p"), { className: "ds-alert", textContent: status().dataset.failure }));
      region.firstChild.dataset.color = "danger";
    });
  }

  const summary = document.querySelector("ds-error-summary[data-focus]");
  if (summary) summary.focus();

  // <a data-key="j"> or <button data-key="s">: pressed when the key is, outside of fields. A choice is chosen, a box is
  // turned, anything else gets the focus. Whoever speaks or types by other means turns single keys off (WCAG 2.1.4).
  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.shortcuts === "off") return;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (field && event.key === "Escape") field.blur();
    if (field) return;
    const wanted = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("option")) {
      const list = wanted.closest("select");
      list.value = wanted.value;
      status().textContent = wanted.textContent;
      list.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (wanted.matches("a, button, summary, input[type=checkbox], input[type=radio]")) wanted.click();
    else wanted.focus();
  });

  // A menu closes with Escape and when the pointer goes elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".person-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(".person-menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
