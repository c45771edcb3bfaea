// Keyboard, countdowns and charts of the console. Every page works without this file.
(() => {
  "use strict";

  const typing = (target) => target instanceof Element && target.closest("input:not([type=radio]), textarea, select, dialog[open]") !== null;

  const step = (direction) => {
    const entries = [...document.querySelectorAll("[data-entry]")];
    const here = entries.indexOf(document.activeElement);
    const next = entries[here < 0 ? 0 : here + direction];
    if (next) next.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (/^[1-9]$/.test(event.key)) {
      const action = document.querySelector(`[data-key="${event.key}"]`);
      if (action) { action.focus(); if (action.type === "radio") action.click(); event.preventDefault(); }
    } else if (event.key === "/") {
      document.getElementById("find")?.focus();
      event.preventDefault();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "Enter" && event.target.matches("[data-entry]")) event.target.querySelector("a")?.click();
    else if (event.key === "n") document.querySelector("[data-next]")?.click();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
  });

  // What came of a call brings the step that usually follows, and the field that has to be typed gets the keyboard.
  for (const form of document.querySelectorAll("[data-wrap]")) {
    form.addEventListener("change", (event) => {
      const chosen = event.target;
      if (chosen.name !== "disposition") return;
      form.elements.next_step.value = chosen.dataset.step;
      form.elements.next_step_at.value = chosen.dataset.at;
      const asks = { PROMISE: "promise_amount", WILL_CALL_BACK: "next_step_at" }[chosen.value];
      if (asks) form.elements[asks].focus();
    });
    form.elements.promise_due_on.addEventListener("change", (event) => {
      if (event.target.value) form.elements.next_step_at.value = `${event.target.value}T15:00`;
    });
  }

  // The code of an invitation comes behind `#`, which no server sees; it goes into its field and out of the address.
  const invited = document.querySelector("[data-invitation]");
  if (invited && location.hash.length > 1) {
    invited.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
  }

  // An open menu shuts on Escape, on a click elsewhere, and when the focus leaves it.
  const shut = (except) => document.querySelectorAll(".menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => shut(event.target.closest(".menu")));
  document.addEventListener("focusin", (event) => shut(event.target.closest(".menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? document.querySelector(".menu[open]") : null;
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // A live contact ends by itself in the collector's eyes: the time left to `must_end_by`, by this machine's clock
  // corrected to the server's.
  const clockFace = (seconds) => {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };

  const countdown = (place) => {
    const ahead = Date.now() - Date.parse(place.dataset.now);
    const end = Date.parse(place.dataset.until);
    const tick = () => {
      const left = Math.floor((end - (Date.now() - ahead)) / 1000);
      place.textContent = left > 0 ? clockFace(left) : place.dataset.over;
      place.classList.toggle("overdue", left <= 0);
      if (left <= 0) clearInterval(timer);
    };
    const timer = setInterval(tick, 1000);
    tick();
  };

  // A chart draws what its table says; the table stays for keyboards and screen readers.
  const chart = (place) => {
    const rows = [...document.querySelectorAll(`${place.dataset.chart} tbody tr`)].slice(0, 12).reverse();
    if (!window.echarts || rows.length === 0) { place.hidden = true; return; }
    const bars = window.echarts.init(place, null, { renderer: "canvas" });
    bars.setOption({
      animation: false,
      grid: { left: 8, right: 48, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", show: false },
      yAxis: {
        type: "category", axisTick: { show: false }, axisLine: { show: false },
        data: rows.map((row) => row.dataset.label), axisLabel: { width: 190, overflow: "truncate", color: "#38424d" },
      },
      series: [{
        type: "bar", barMaxWidth: 18, itemStyle: { color: "#1d5a8c" },
        label: { show: true, position: "right" }, data: rows.map((row) => Number(row.dataset.count)),
      }],
    });
    new ResizeObserver(() => bars.resize()).observe(place);
  };

  // Stacked bars of a table: a row is a bar, a column is a colour; the table stays beside it.
  const STACK = ["#b3261e", "#c77700", "#2e7d32", "#7a8794"];
  const stack = (place) => {
    const table = document.querySelector(place.dataset.stack);
    const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    if (!window.echarts || rows.length === 0) { place.hidden = true; return; }
    const numbers = (column) => rows.map((row) => Number(row.cells[column + 1].textContent.replace(/[^0-9]/g, "")));
    const bars = window.echarts.init(place, null, { renderer: "canvas" });
    bars.setOption({
      animation: false, color: STACK,
      legend: { data: heads, bottom: 0 },
      // A phone has room for two names a line.
      grid: { left: 8, right: 8, top: 8, bottom: place.clientWidth < 480 ? 56 : 32, containLabel: true },
      xAxis: { type: "category", data: rows.map((row) => row.cells[0].textContent.trim()) },
      yAxis: { type: "value", minInterval: 1 },
      series: heads.map((head, column) => ({ name: head, type: "bar", stack: "all", barMaxWidth: 28, data: numbers(column) })),
    });
    new ResizeObserver(() => bars.resize()).observe(place);
  };

  const wake = (root) => {
    root.querySelectorAll("[data-until]").forEach(countdown);
    root.querySelectorAll("[data-chart]").forEach(chart);
    root.querySelectorAll("[data-stack]").forEach(stack);
    root.querySelectorAll("select[data-fills]").forEach((select) => {
      select.addEventListener("change", () => select.form.requestSubmit());
    });
  };
  document.addEventListener("DOMContentLoaded", () => wake(document));
  document.addEventListener("htmx:afterSwap", (event) => wake(event.target));
})();
