(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const make = (tag, name, ...inside) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...inside);
    return made;
  };
  const value = (text) => (text === null ? make("i", "", data.empty) : make("bdi", "", text));
  const what = (cell) => {
    if (typeof cell === "number") return [data.texts[cell]];
    return cell.flatMap(([field, before, after, note], i) => [
      ...(i ? [make("br")] : []), make("i", "", data.texts[field] + " "),
      make("s", "", value(before)), " → ", make("em", "", value(after)), note,
    ]);
  };
  const line = ([who, where = 0, told = 0, at = 0]) => make("li", "",
    make("b", "", make("bdi", "", who)), make("span", "where", data.texts[where]),
    make("span", "what", ...what(told)), make("span", "at", data.texts[at]));
  const lists = [...document.querySelectorAll("ul.rows[id]")].map((ul) => {
    const rows = data.lists[ul.id.slice(5)];
    const more = ul.nextElementSibling?.matches(".more") ? ul.nextElementSibling : null;
    const list = { ul, rows, more, first: [...ul.children], keys: null, block: ul.closest("[data-block]"), wide: false };
    if (more) {
      more.hidden = false;
      more.addEventListener("click", () => { list.wide = true; show(list); });
    }
    return list;
  });
  const show = (list) => {
    list.ul.replaceChildren(...(list.wide ? list.rows.map(line) : list.first));
    if (list.more) list.more.hidden = list.wide;
  };
  const find = (text) => {
    const wanted = plain(text.trim());
    let found = 0;
    for (const list of lists) {
      if (!wanted) {
        if (list.rows) show(list);
        else for (const item of list.first) item.hidden = false;
        list.block.hidden = false;
        continue;
      }
      let here = 0;
      if (list.rows) {
        list.keys ??= list.rows.map((row) => plain(row[0]));
        const matching = list.rows.filter((_, i) => list.keys[i].includes(wanted));
        here = matching.length;
        list.ul.replaceChildren(...matching.slice(0, 200).map(line));
        list.more.hidden = true;
      } else {
        for (const item of list.first) {
          item.hidden = !plain(item.textContent).includes(wanted);
          here += !item.hidden;
        }
      }
      list.block.hidden = !here;
      found += here;
    }
    document.getElementById("found").textContent = wanted ? data.found.replace("{n}", found) : "";
  };
  const field = document.getElementById("find");
  if (field) {
    field.closest(".finder").hidden = false;
    let waits;
    field.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(() => find(field.value), 80); });
  }
})();
