"use strict";
(function () {
  function opened() {
    var at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (at && at.tagName === "DETAILS") at.open = true;
  }
  addEventListener("hashchange", opened);
  opened();
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (each) { each.open = true; });
  });
  var SVG = "http://www.w3.org/2000/svg", LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz";
  function made(name, attributes, text, space) {
    var node = space ? document.createElementNS(SVG, name) : document.createElement(name);
    for (var key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function outline(heights, width, height) {
    var step = width / heights.length, path = "M0 " + height;
    for (var at = 0; at < heights.length; at++) {
      var up = height - LEVELS.indexOf(heights[at]) / (LEVELS.length - 1) * (height - 1);
      path += "V" + up.toFixed(1) + "H" + ((at + 1) * step).toFixed(1);
    }
    return path + "V" + height;
  }
  function drawn(row, width, height) {
    var svg = made("svg", { width: width, height: height, viewBox: "0 0 " + width + " " + height, role: "img" }, undefined, true);
    svg.appendChild(made("title", {}, row[0] + ": the filled shape is the baseline, the line the window", true));
    if (row[5]) svg.appendChild(made("path", { d: outline(row[5], width, height) + "Z", fill: "#D1D5DB" }, undefined, true));
    if (row[4]) svg.appendChild(made("path", { d: outline(row[4], width, height), fill: "none", stroke: "#0072B2" }, undefined, true));
    return svg;
  }
  function said(row) {
    if (row[1] === null) return "";
    return String(row[1]) + (row[2] === null ? "" : " (limit " + row[2] + ")");
  }
  function feature(row) {
    var details = made("details", {}), line = made("summary", {});
    line.appendChild(row[6] ? made("i", { "class": "bad" }, "\u25b2") : made("i", {}, "\u25cf"));
    line.appendChild(made("b", {}, row[0]));
    if (row[7]) line.appendChild(made("span", {}, row[7]));
    var small = made("span", {});
    if (row[4]) small.appendChild(drawn(row, 110, 24));
    line.appendChild(small);
    line.appendChild(made("span", {}, said(row)));
    line.appendChild(made("span", {}, row[3]));
    details.appendChild(line);
    details.addEventListener("toggle", function () {
      if (details.open && details.childNodes.length === 1 && row[4]) details.appendChild(drawn(row, 640, 200));
    });
    return details;
  }
  var data = document.getElementById("later"), place = document.getElementById("more");
  if (data && place) {
    var rows = JSON.parse(data.textContent), next = 0;
    var more = function () {
      var part = document.createDocumentFragment();
      for (var end = Math.min(next + 100, rows.length); next < end; next++) part.appendChild(feature(rows[next]));
      place.appendChild(part);
      if (next === rows.length) { watch.disconnect(); rest.remove(); }
    };
    var rest = made("p", {}, "more columns below");
    place.after(rest);
    var watch = new IntersectionObserver(function (seen) { if (seen[0].isIntersecting) more(); }, { rootMargin: "600px" });
    watch.observe(rest);
    more();
    addEventListener("beforeprint", function () { while (next < rows.length) more(); });
  }
  var find = document.getElementById("find");
  if (find) {
    find.closest("p").hidden = false;
    find.addEventListener("input", function () {
      while (find.value && place && rows && next < rows.length) more();
      document.querySelectorAll("#features details").forEach(function (each) {
        var name = each.querySelector("summary b");
        if (name) each.hidden = name.textContent.toLowerCase().indexOf(find.value.toLowerCase()) < 0;
      });
    });
  }
  function key(row, at) {
    var said = row.cells[at].textContent, value = parseFloat(said.replace(/,/g, ""));
    return isNaN(value) ? said : value;
  }
  function sort(head, at) {
    var body = head.closest("table").tBodies[0], up = head.getAttribute("aria-sort") !== "ascending";
    var rows = Array.from(body.rows).map(function (row) { return [key(row, at), row]; });
    rows.sort(function (a, b) {
      var order = typeof a[0] === typeof b[0] ? (a[0] > b[0]) - (a[0] < b[0]) : typeof a[0] === "number" ? -1 : 1;
      return up ? order : -order;
    });
    rows.forEach(function (each) { body.appendChild(each[1]); });
    Array.from(head.parentNode.cells).forEach(function (each) { each.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
  }
  document.querySelectorAll("table").forEach(function (table) {
    if (table.tBodies[0].rows.length < 5) return;
    Array.from(table.tHead.rows[0].cells).forEach(function (head, at) {
      var button = made("button", { type: "button" }, head.textContent);
      button.addEventListener("click", function () { sort(head, at); });
      head.replaceChildren(button);
    });
  });
})();
