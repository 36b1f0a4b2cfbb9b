/* Pledgewatch desk: keys, theme, bulk selection, progress. Every action is a form or a link first;
   without this file the pages do the same with a few more clicks. Works under `script-src 'self'`. */
"use strict";

const root = document.documentElement;
root.classList.add("js");

function remembered(name) { try { return localStorage.getItem(name); } catch { return null; } }
function remember(name, value) { try { localStorage.setItem(name, value); } catch { /* private window */ } }

const theme = remembered("theme");
if (theme === "dark" || theme === "light") root.dataset.theme = theme; // before the first paint
if (remembered("keys") === "off") root.classList.add("nokeys");

document.addEventListener("DOMContentLoaded", () => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (text) => { const live = $("#live"); if (live) live.textContent = text; };

  // ---- theme
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const themeButton = $("[data-do=theme]");
  const showTheme = () => themeButton?.setAttribute("aria-pressed", String(dark()));
  themeButton?.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
    showTheme();
  });
  showTheme();

  // ---- after a decision the next card's heading has the focus, and its result is read out
  const landing = $("[data-land]");
  if (landing && $(".toast")) { landing.focus({ preventScroll: true }); say($(".toast p").textContent); }

  // ---- list of things one can walk through with j and k
  const items = all("[data-item]");
  let at = Math.max(0, items.findIndex((item) => item.getAttribute("aria-current") === "true"));
  items[at]?.scrollIntoView?.({ block: "nearest" });
  if (!$(".qlist")) scrollTo(0, 0);
  function walk(step) {
    if (!items.length) return;
    const started = items.some((item) => item.classList.contains("here") || item.getAttribute("aria-current"));
    at = started ? Math.min(items.length - 1, Math.max(0, at + step)) : 0;
    const link = $("a", items[at]);
    if (items[at].dataset.item === "go") { if (link && items[at].getAttribute("aria-current") !== "true") location.assign(link.href); return; }
    items.forEach((item) => { item.classList.remove("here"); item.removeAttribute("aria-current"); });
    items[at].classList.add("here");
    items[at].setAttribute("aria-current", "true");
    link?.focus({ preventScroll: true });
    items[at].scrollIntoView({ block: "nearest" });
  }

  // ---- a timeline that is wider than the screen starts at today
  all(".figure").forEach((figure) => { figure.scrollLeft = figure.scrollWidth; });

  // ---- parts that are folded on a phone and open where there is room
  if (matchMedia("(min-width: 56rem)").matches) all("[data-wide-open]").forEach((part) => { part.open = true; });

  // ---- a button that opens a part of the form; without this file it is a link to that part
  function open(part) {
    part.open = true;
    part.scrollIntoView({ block: "nearest" });
    ($("input:not([type=hidden]), select, textarea, button", part) || $("summary", part)).focus();
  }
  all("[data-opens]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    open(document.getElementById(link.dataset.opens));
  }));

  // ---- bulk selection
  const bar = $(".bulkbar");
  const boxes = all("[data-item] input[type=checkbox]");
  function showBulk() {
    const n = boxes.filter((box) => box.checked).length;
    if (!bar) return;
    bar.hidden = n === 0;
    const out = $("[data-count]", bar);
    if (out) out.textContent = String(n);
  }
  boxes.forEach((box) => box.addEventListener("change", showBulk));
  if (boxes.length) showBulk();
  $("[data-do=clear]")?.addEventListener("click", (event) => {
    event.preventDefault();
    boxes.forEach((box) => { box.checked = false; });
    showBulk();
  });

  // ---- which line of the editor a problem is on
  const editor = $("textarea[data-lines]");
  const gutter = $(".gutter");
  if (editor && gutter) {
    const marks = new Map(JSON.parse(gutter.dataset.marks || "[]"));
    const number = () => {
      const n = editor.value.split("\n").length;
      gutter.textContent = Array.from({ length: n }, (_, i) => `${marks.get(i + 1) || ""}${i + 1}`).join("\n");
    };
    number();
    if (editor.dataset.find) addEventListener("load", () => {
      const line = Number(editor.dataset.find);
      editor.scrollTop = (line - 3) * (editor.scrollHeight / editor.value.split("\n").length);
    });
    editor.addEventListener("input", number);
    editor.addEventListener("scroll", () => { gutter.scrollTop = editor.scrollTop; });
    all("[data-line]").forEach((link) => link.addEventListener("click", (event) => {
      event.preventDefault();
      const lines = editor.value.split("\n");
      const start = lines.slice(0, link.dataset.line - 1).join("\n").length + (link.dataset.line > 1 ? 1 : 0);
      editor.focus();
      editor.setSelectionRange(start, start + (lines[link.dataset.line - 1] || "").length);
      editor.scrollTop = (link.dataset.line - 4) * (editor.scrollHeight / lines.length);
    }));
  }

  // ---- something that takes time: ask again until it is done, then show the result
  const job = $("[data-job]");
  if (job) {
    const ask = async () => {
      try {
        const answer = await fetch(job.dataset.job, { headers: { accept: "application/json" } });
        const state = await answer.json();
        const out = $("[data-progress]", job);
        if (out && state.text) out.textContent = state.text;
        if (state.done) { location.reload(); return; }
      } catch { /* asked again below */ }
      setTimeout(ask, 700);
    };
    setTimeout(ask, 400);
  }

  // ---- keys: never in fields, never while composing Chinese, never with a modifier
  const keysDialog = $("#keys");
  const openKeys = () => { if (keysDialog && !keysDialog.open) keysDialog.showModal(); };
  all("[data-do=keys]").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); openKeys(); }));
  const keysToggle = $("#keys-on");
  if (keysToggle) {
    keysToggle.checked = !root.classList.contains("nokeys");
    keysToggle.addEventListener("change", () => {
      root.classList.toggle("nokeys", !keysToggle.checked);
      remember("keys", keysToggle.checked ? "on" : "off");
    });
  }

  // each key may be given to another action: { "y": "1" } says that 1 does what y did
  let remapped = {};
  try { remapped = JSON.parse(remembered("keymap") || "{}"); } catch { remapped = {}; }
  const meant = (key) => {
    const found = Object.keys(remapped).find((own) => remapped[own] === key);
    if (found) return found;
    return Object.hasOwn(remapped, key) ? null : key;
  };
  all("[data-remap]").forEach((box) => {
    box.value = remapped[box.dataset.remap] || box.dataset.remap;
    box.addEventListener("keydown", (event) => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      event.preventDefault();
      if (event.key === " ") return; // space never decides
      box.value = event.key;
      if (event.key === box.dataset.remap) delete remapped[box.dataset.remap];
      else remapped[box.dataset.remap] = event.key;
      remember("keymap", JSON.stringify(remapped));
      hint();
    });
  });
  $("[data-do=unmap]")?.addEventListener("click", () => {
    remapped = {};
    remember("keymap", "{}");
    all("[data-remap]").forEach((box) => { box.value = box.dataset.remap; });
    hint();
  });
  const hints = all("kbd[data-hint]");
  function hint() { hints.forEach((kbd) => { kbd.textContent = remapped[kbd.dataset.hint] || kbd.dataset.hint; }); }
  hint();

  const moves = {
    j: () => walk(1), k: () => walk(-1),
    "/": () => $("[data-focus-search]")?.focus(),
    "?": openKeys,
    v: () => { const box = items[at] && $("input[type=checkbox]", items[at]); if (box) { box.checked = !box.checked; showBulk(); } },
  };
  let sent = false; // a key that is held down decides once
  function press(key) {
    if (moves[key]) { moves[key](); return true; }
    const target = $(`[data-key="${CSS.escape(key)}"]`);
    if (!target || target.parentElement.closest("details:not([open])")) return false; // 1 to 9 only while open
    if (target.tagName === "DETAILS") open(target);
    else if (target.dataset.needs && !document.getElementById(target.dataset.needs).value.trim()) document.getElementById(target.dataset.needs).focus();
    else if (target.type === "submit") { if (!sent) { sent = true; target.click(); } }
    else target.click();
    return true;
  }
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && typing) { typing.blur(); return; }
    if (event.key === "Escape") { all("details[open][data-key]").forEach((part) => { part.open = false; }); return; }
    if (event.isComposing || typing || keysDialog?.open) return;
    if (event.ctrlKey && event.key.toLowerCase() === "z" && !event.shiftKey) { if (press("u")) event.preventDefault(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (root.classList.contains("nokeys") && event.key !== "?") return;
    if ([" ", "Enter", "Backspace"].includes(event.key)) return; // these never decide
    const given = event.shiftKey && event.key.length === 1 && /[a-z]/i.test(event.key) ? "shift+" + event.key.toLowerCase() : event.key;
    const key = meant(given);
    if (key && press(key)) event.preventDefault();
  });
});
