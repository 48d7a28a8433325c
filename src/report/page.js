"use strict";
(() => {
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.sort);
  };
  // Numbers before texts, and what is empty last, whichever way it goes.
  const compare = (left, right, way) => {
    if (left === "" || right === "") return (left === "") - (right === "");
    if (typeof left !== typeof right) return typeof left === "number" ? -1 : 1;
    return way * (left < right ? -1 : left > right ? 1 : 0);
  };
  const sort = (table, head) => {
    const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row, head.cellIndex), row]);
    rows.sort((left, right) => compare(left[0], right[0], way));
    body.append(...rows.map(([, row]) => row));
  };
  const filter = (table) => {
    const all = table.tBodies[0].rows;
    const line = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("output");
    line.className = "filter";
    input.type = "search";
    label.append("Only rows with ", input);
    line.append(label, count);
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of all) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      count.textContent = words.length ? `${shown} of ${all.length} rows` : `${all.length} rows`;
    };
    input.addEventListener("input", show);
    show();
    table.closest(".box").before(line);
    return { has: (row) => row.closest("table") === table, clear: () => { input.value = ""; show(); } };
  };

  const filters = [];
  for (const table of document.querySelectorAll("main table")) {
    if (table.tBodies[0].rows.length > 10) filters.push(filter(table));
    if (table.tBodies[0].rows.length < 2) continue;
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head));
      head.append(button);
    }
  }
  // A link may lead to a row that a filter hides, the second time, too.
  const reveal = (id) => {
    const row = document.getElementById(id);
    if (row && row.hidden) {
      filters.filter((one) => one.has(row)).forEach((one) => one.clear());
      row.scrollIntoView();
    }
  };
  addEventListener("hashchange", () => reveal(location.hash.slice(1)));
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) reveal(link.getAttribute("href").slice(1));
  });
})();
