"use strict";

// The page works without this script: forms answer by a redirect, links show the rest. With it, forms are sent where they
// stand, and what changes is exchanged in place: never what holds the focus, nor a form that has been changed.
(() => {
  const find = (selector) => document.querySelector(selector);
  const busy = new Map(); // by part: whether it is being fetched, and whether it has to be fetched again
  let quiet = false, told = "", toldAt = 0; // quiet: what comes is not news but what was asked for

  // keyOf returns what an element is called among its siblings.
  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);

  // changed reports whether a person has changed a control since the page showed it.
  function changed(control) {
    switch (control.type) {
      case "hidden": case "submit": case "button": case "fieldset": return false;
      case "checkbox": case "radio": return control.checked !== control.defaultChecked;
      case "select-one": return [...control.options].some((o) => o.selected !== o.defaultSelected);
      default: return control.value !== control.defaultValue;
    }
  }
  const dirty = (form) => [...form.elements].some(changed);
  const typing = (node) => node === document.activeElement && node.matches("input, select, textarea");
  const held = (node) => node.nodeType === Node.ELEMENT_NODE &&
    (node.contains(document.activeElement) || [...node.querySelectorAll("form")].some(dirty));

  // settle makes what a form holds the state that the page shows.
  function settle(form) {
    for (const was of form.querySelectorAll("input[name^='was.']")) {
      was.value = new FormData(form).getAll(was.name.slice(4)).join(",");
    }
    for (const control of form.elements) {
      if (control.type === "hidden") continue;
      if ("defaultChecked" in control) control.defaultChecked = control.checked;
      if (control.options) for (const o of control.options) o.defaultSelected = o.selected;
      else if ("defaultValue" in control && control.type !== "checkbox") control.defaultValue = control.value;
    }
  }

  // flash marks what has just arrived, for a moment.
  function flash(node) {
    if (quiet || node.nodeType !== Node.ELEMENT_NODE || !node.matches(".sl-msg, tr, .ent")) return;
    node.dataset.fresh = "";
    setTimeout(() => delete node.dataset.fresh, 2500);
  }

  function attributes(old, now) {
    const own = (name) => name === "data-fresh" || (name === "open" && old.nodeName === "DETAILS");
    for (const { name, value } of now.attributes) {
      if (!own(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (!own(name) && !now.hasAttribute(name)) old.removeAttribute(name);
    }
    if (old.nodeName === "OPTION") old.selected = now.defaultSelected;
    if (old.nodeName !== "INPUT" || old.type === "hidden") return;
    if (old.type === "checkbox") old.checked = now.checked;
    else old.value = now.value;
  }

  // children makes the children of one element those of another: by their keys, else by their places.
  function children(old, now) {
    const wanted = new Set([...now.childNodes].map(keyOf).filter(Boolean));
    const have = new Map();
    for (const child of [...old.childNodes]) {
      const key = keyOf(child);
      if (key && !wanted.has(key) && !held(child)) child.remove();
      else if (key) have.set(key, child);
    }
    let at = old.firstChild;
    for (const child of [...now.childNodes]) {
      const key = keyOf(child);
      while (at && !key && keyOf(at)) at = at.nextSibling;
      const match = key ? have.get(key) : at;
      if (!match || match.nodeName !== child.nodeName) {
        old.insertBefore(child, at);
        if (key) flash(child);
        continue;
      }
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      if (morph(match, child) && key) flash(match);
    }
    while (at) {
      const next = at.nextSibling;
      if (!held(at)) at.remove();
      at = next;
    }
  }

  // morph makes an element another one, and reports whether anything was to be done.
  function morph(old, now) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== now.data) old.data = now.data;
      return false;
    }
    if (old.isEqualNode(now) || old.hasAttribute("data-keep") || typing(old)) return false;
    if (old.nodeName === "FORM" && dirty(old)) return false;
    const before = old.textContent;
    attributes(old, now);
    children(old, now);
    if (old.nodeName === "TEXTAREA") old.value = now.defaultValue;
    return old.textContent !== before;
  }

  // place puts a part that was fetched where it belongs. Who reads at the end stays there, others where they are.
  function place(name, text) {
    const old = find(`[data-part="${name}"]`);
    const now = new DOMParser().parseFromString(text, "text/html").querySelector(`[data-part="${name}"]`);
    if (!old || !now) return;
    const frames = [...old.querySelectorAll(".feed, .grid")].map((frame) => ({ frame, top: frame.scrollTop, height: frame.scrollHeight }));
    morph(old, document.adoptNode(now));
    for (const { frame, top, height } of frames) {
      if (top < -8) frame.scrollTop = top - (frame.scrollHeight - height); // counted from the end
    }
    announce();
  }

  async function refresh(name) {
    const state = busy.get(name) ?? { fetching: false, again: false };
    busy.set(name, state);
    state.again = true;
    if (state.fetching) return;
    state.fetching = true;
    try {
      while (state.again) {
        state.again = false;
        const answer = await fetch(`/part/${name}${location.search}`);
        if (answer.ok) place(name, await answer.text());
      }
    } catch { /* where nobody answers, the stream of news tells that */
    } finally {
      state.fetching = false;
    }
  }

  async function show() {
    quiet = true;
    await Promise.all([...document.querySelectorAll("[data-part]")].map((part) => refresh(part.dataset.part)));
    quiet = false;
  }

  const go = (address) => {
    history.pushState(null, "", address);
    show();
  };

  // announce tells a screen reader how things stand, when a word of it has changed and at most every 10 s.
  function announce() {
    const text = find("[data-state]")?.textContent ?? "";
    if (text === told) return;
    const wait = toldAt + 10000 - Date.now();
    if (wait > 0) return void setTimeout(announce, wait);
    if (told !== "") find("[data-announce]").textContent = text;
    told = text;
    toldAt = Date.now();
  }

  // say shows what came of a form, and what is wrong with its fields.
  function say(form, words, bad, wrong) {
    const place = form.querySelector(".say") ?? form.closest("[data-part]").querySelector(".say") ?? find("#part-trouble .say");
    place.textContent = words;
    place.classList.toggle("c-bad", bad);
    form.querySelectorAll(".wrong").forEach((old) => old.remove());
    form.querySelectorAll("[aria-invalid]").forEach((old) => old.removeAttribute("aria-invalid"));
    for (const [name, fault] of Object.entries(wrong ?? {})) {
      const field = form.querySelector(`[data-field="${name}"]`);
      const control = field?.querySelector("input, select, textarea");
      if (!control) continue;
      const line = document.createElement("p");
      line.className = "wrong";
      line.id = `${control.id}-wrong`;
      line.textContent = fault;
      field.append(line);
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", line.id);
    }
    form.querySelector("[aria-invalid]")?.focus();
  }

  async function send(form, button) {
    const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const body = new URLSearchParams(new FormData(form, button));
    button?.setAttribute("aria-disabled", "true");
    try {
      const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" }, body });
      const result = await answer.json();
      say(form, result.say, !result.ok, result.wrong);
      const popup = form.closest("details.pop, details.flt");
      if (result.ok && (popup?.matches(".pop") || form.hasAttribute("data-new"))) form.reset();
      else if (result.ok) settle(form);
      if (result.ok && popup) {
        popup.open = false;
        popup.querySelector("summary").focus();
      }
      const part = form.closest("[data-part]");
      if (part) refresh(part.dataset.part);
    } catch {
      say(form, "It was not sent: nobody answers.", true);
    } finally {
      button?.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    if (form.method === "get") {
      const query = new URLSearchParams(location.search);
      for (const [name, value] of new FormData(form)) query.set(name, value);
      return go(`/?${query}`);
    }
    if (event.submitter?.getAttribute("aria-disabled") === "true") return;
    if (form.closest("td") && !dirty(form)) return; // it was sent when the cell changed
    send(form, event.submitter);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("td form");
    if (form && dirty(form)) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/?']");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
  addEventListener("popstate", () => (find("#find").value = new URLSearchParams(location.search).get("find") ?? "", show()));

  document.documentElement.classList.add("js");
  const query = new URLSearchParams(location.search);
  if (query.has("said")) {
    query.delete("said");
    history.replaceState(null, "", `/?${query}${location.hash}`);
  }
  const live = new EventSource("/live");
  const standing = (on) => {
    find("[data-on]").hidden = !on;
    find("[data-off]").hidden = on;
  };
  live.addEventListener("open", () => standing(true));
  live.addEventListener("error", () => standing(false));
  live.addEventListener("part", (event) => refresh(JSON.parse(event.data).part));
  live.addEventListener("end", () => {
    live.close();
    standing(false);
  });
})();
