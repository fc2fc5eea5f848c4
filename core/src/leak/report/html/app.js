// The page is complete without this: it adds sorting, a reading cursor in the
// charts and zooming in the flame graphs.
"use strict";

function sortable(table) {
  const body = table.tBodies[0];
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  for (const head of table.tHead.rows[0].cells) {
    if (!head.textContent) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // Numbers: the largest first. Names: from A.
      const number = body.rows[0].cells[head.cellIndex].dataset.value !== undefined;
      const last = head.getAttribute("aria-sort");
      const up = last ? last === "descending" : !number;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [key(a, head.cellIndex), key(b, head.cellIndex)];
        const order = number ? x - y : x.localeCompare(y);
        return up ? order : -order;
      });
      body.append(...rows);
    });
  }
}

function readable(plot) {
  const svg = plot.querySelector("svg");
  const cursor = svg.querySelector(".cursor");
  const labels = svg.dataset.tips.split("|");
  const xs = svg.querySelector(".series").getAttribute("points").split(" ").map((point) => parseFloat(point));
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  plot.append(tip);
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    let nearest = 0;
    xs.forEach((x, index) => {
      if (Math.abs(x - at) < Math.abs(xs[nearest] - at)) nearest = index;
    });
    cursor.setAttribute("x1", xs[nearest]);
    cursor.setAttribute("x2", xs[nearest]);
    cursor.style.visibility = "visible";
    tip.textContent = labels[nearest];
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    const left = (xs[nearest] / svg.viewBox.baseVal.width) * box.width;
    tip.style.left = Math.min(Math.max(left, half), box.width - half) + "px";
  });
  plot.addEventListener("pointerleave", () => {
    cursor.style.visibility = "hidden";
    tip.hidden = true;
  });
}

function zoomable(flame) {
  const frames = [...flame.querySelectorAll(".frame")].map((node) => ({
    node,
    x: parseFloat(node.getAttribute("x")),
    width: parseFloat(node.getAttribute("width")),
    depth: Number(node.getAttribute("y")),
  }));
  const zoom = (to) => {
    for (const { node, x, width, depth } of frames) {
      const above = depth <= to.depth && x <= to.x + 1e-6 && x + width >= to.x + to.width - 1e-6;
      const inside = depth > to.depth && x >= to.x - 1e-6 && x + width <= to.x + to.width + 1e-6;
      node.style.display = above || inside ? "" : "none";
      node.setAttribute("x", above ? "0%" : ((x - to.x) / to.width) * 100 + "%");
      node.setAttribute("width", above ? "100%" : (width / to.width) * 100 + "%");
    }
  };
  flame.classList.add("live");
  for (const frame of frames) {
    frame.node.setAttribute("tabindex", "0");
    frame.node.setAttribute("role", "button");
    frame.node.addEventListener("click", () => zoom(frame));
    frame.node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        zoom(frame);
      }
    });
  }
}

document.querySelectorAll("table.sites").forEach(sortable);
document.querySelectorAll(".plot").forEach(readable);
document.querySelectorAll(".flame").forEach(zoomable);
