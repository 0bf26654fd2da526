#include "generator/graph_page.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "generator/shown_figures.h"
#include "src/base/shorten.h"
#include "src/base/utf8.h"

namespace kasane {
namespace {

// In pixels.
constexpr int kWidth = 340, kGap = 90, kHeight = 46, kPitch = 58, kMargin = 24, kHead = 40;
constexpr size_t kTitle = 46;  // characters that fit

constexpr char kStyle[] = R"(
text{font:12px system-ui,sans-serif;fill:#1c2430}
.stage{font-weight:600;font-size:14px}.sub{fill:#5b6675;font-size:11px}
.node rect{fill:#fff;stroke:#c3cad4;rx:6}
.node.ran rect{fill:#fff1e0;stroke:#d9822b}.node.hit rect{fill:#e8f6ec;stroke:#3f9b5c}
.node.run{cursor:pointer}.node.chosen rect{stroke-width:3}
.edge{fill:none;stroke:#8a96a6;stroke-width:1.2}
)";

constexpr char kPageStyle[] = R"(
body{margin:0;font:14px system-ui,sans-serif;color:#1c2430;background:#f5f7fa;display:flex;height:100vh}
main{flex:1;overflow:auto}aside{width:400px;overflow:auto;border-left:1px solid #c3cad4;background:#fff;padding:16px}
h1{font-size:16px;margin:16px 24px 0}h2{font-size:14px;overflow-wrap:anywhere}h3{font-size:13px;margin:14px 0 4px}
table{border-collapse:collapse;margin:12px 24px}td,th{padding:2px 14px 2px 0;text-align:left}
ul{margin:0;padding-left:18px}li,p{overflow-wrap:anywhere}code{font-size:12px}.dim{color:#5b6675}
)";

// The page's data is text of others: it is only ever put in as text.
constexpr char kScript[] = R"(
const nodes = JSON.parse(document.getElementById('data').textContent);
const panel = document.getElementById('panel');
function add(parent, name, text, cls) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (cls) e.className = cls;
  parent.appendChild(e);
  return e;
}
function list(title, items) {
  if (!items || !items.length) return;
  add(panel, 'h3', title + ' (' + items.length + ')');
  const ul = add(panel, 'ul');
  for (const item of items) add(ul, 'li', item);
}
function show(id) {
  const n = nodes[id];
  if (!n) return;
  for (const e of document.querySelectorAll('.chosen')) e.classList.remove('chosen');
  document.getElementById('n' + id).classList.add('chosen');
  panel.textContent = '';
  add(panel, 'h2', n.title);
  add(panel, 'p', [n.place, 'stage ' + n.stage, n.figures].filter(x => x).join(', '), 'dim');
  if (n.outcome) add(panel, 'p', n.outcome + (n.why ? ': ' + n.why : '')).id = 'why';
  const d = n.details || {};
  if (d.differences) {
    add(panel, 'h3', 'What differed');
    const ul = add(panel, 'ul');
    for (const x of d.differences) {
      const li = add(ul, 'li', x.fact + ' of ' + x.path);
      if (x.change) add(li, 'div', x.change, 'dim');
      if (x.asker) add(li, 'div', 'read by ' + x.asker, 'dim');
    }
  }
  const r = d.read || {};
  list('Files of the context', r.files);
  list('Made by', r.steps);
  list('Of base images', r.bases);
  list('Others', r.others);
}
document.querySelector('svg').addEventListener('click', event => {
  const g = event.target.closest('.node');
  if (g) location.hash = g.id;
});
function chosen() { show(Number(location.hash.slice(2))); }
addEventListener('hashchange', chosen);
if (location.hash.startsWith('#n')) chosen();
addEventListener('load', () => { document.documentElement.dataset.opened = Math.round(performance.now()); });
)";

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(ReplaceStrayBytes(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string ShownTime(int64_t milliseconds) {
  if (milliseconds < 0) return "";
  if (milliseconds < 1000) return absl::StrCat(milliseconds, " ms");
  return absl::StrFormat("%.1f s", static_cast<double>(milliseconds) / 1000);
}

// "0.3 s, 12.1 MB"
std::string Figures(const PageNode& node) {
  std::string out = ShownTime(node.milliseconds);
  if (node.bytes >= 0) absl::StrAppend(&out, out.empty() ? "" : ", ", ShownSize(node.bytes));
  return out;
}

struct Spot {
  int x = 0, y = 0;
};

class Picture {
 public:
  explicit Picture(const std::vector<PageNode>& nodes) : nodes_(nodes) {
    for (const PageNode& node : nodes) {
      const auto column = columns_.emplace(node.stage, columns_.size()).first;
      if (column->second == heads_.size()) {
        heads_.push_back(node.stage);
        rows_.push_back(0);
      }
      const int row = rows_[column->second]++;
      spots_.push_back({kMargin + static_cast<int>(column->second) * (kWidth + kGap), kHead + row * kPitch});
    }
  }

  std::string Draw() const {
    const int rows = rows_.empty() ? 0 : *std::max_element(rows_.begin(), rows_.end());
    std::string out =
        absl::StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
                     2 * kMargin + static_cast<int>(heads_.size()) * (kWidth + kGap), "\" height=\"",
                     kHead + rows * kPitch + kMargin, "\"><style>", kStyle, "</style>\n");
    for (size_t i = 0; i < heads_.size(); ++i) {
      absl::StrAppend(&out, "<text class=\"stage\" x=\"", kMargin + static_cast<int>(i) * (kWidth + kGap),
                      "\" y=\"24\">", Escaped(heads_[i]), "</text>\n");
    }
    for (size_t i = 0; i < nodes_.size(); ++i) {
      for (const int from : nodes_[i].from) DrawEdge(spots_[static_cast<size_t>(from)], spots_[i], &out);
    }
    for (size_t i = 0; i < nodes_.size(); ++i) DrawNode(i, &out);
    return out + "</svg>\n";
  }

 private:
  static void DrawEdge(const Spot& from, const Spot& to, std::string* out) {
    const bool forward = from.x < to.x;
    const int x1 = forward ? from.x + kWidth : from.x, x2 = forward ? to.x : to.x + kWidth;
    const int y1 = from.y + kHeight / 2, y2 = to.y + kHeight / 2, bend = forward ? kGap / 2 : -kGap / 2;
    absl::StrAppend(out, "<path class=\"edge\" d=\"M", x1, " ", y1, "C", x1 + bend, " ", y1, " ", x2 - bend,
                    " ", y2, " ", x2, " ", y2, "\"/>\n");
  }

  void DrawNode(size_t i, std::string* out) const {
    const PageNode& node = nodes_[i];
    const Spot& spot = spots_[i];
    const std::string what = absl::StrCat(node.outcome, node.why.empty() ? "" : ": ", node.why);
    const std::string figures = Figures(node);
    absl::StrAppend(out, "<g class=\"node ", node.kind, " ", node.outcome, "\" id=\"n", i, "\"><title>",
                    Escaped(node.title), "</title><rect x=\"", spot.x, "\" y=\"", spot.y, "\" width=\"",
                    kWidth, "\" height=\"", kHeight, "\"/><text x=\"", spot.x + 10, "\" y=\"", spot.y + 19,
                    "\">", Escaped(Shorten(node.title, kTitle)), "</text><text class=\"sub\" x=\"",
                    spot.x + 10, "\" y=\"", spot.y + 36, "\">", Escaped(Shorten(what, kTitle)),
                    what.empty() || figures.empty() ? "" : ", ", figures, "</text></g>\n");
  }

  const std::vector<PageNode>& nodes_;
  std::map<std::string, size_t> columns_;
  std::vector<std::string> heads_;
  std::vector<int> rows_;  // in each column
  std::vector<Spot> spots_;
};

std::string Data(const std::vector<PageNode>& nodes) {
  Json all = Json::array();
  for (const PageNode& node : nodes) {
    Json json = {{"title", node.title}, {"stage", node.stage}, {"kind", node.kind}};
    if (!node.place.empty()) json["place"] = node.place;
    if (!node.outcome.empty()) json["outcome"] = node.outcome;
    if (!node.why.empty()) json["why"] = node.why;
    if (const std::string figures = Figures(node); !figures.empty()) json["figures"] = figures;
    if (!node.details.is_null()) json["details"] = node.details;
    all.push_back(std::move(json));
  }
  return absl::StrReplaceAll(DumpJson(all), {{"<", "\\u003c"}});
}

std::string Summary(const std::vector<PageNode>& nodes) {
  int ran = 0, hit = 0;
  int64_t bytes = 0;
  for (const PageNode& node : nodes) {
    ran += node.kind == "run" && node.outcome == "ran" ? 1 : 0;
    hit += node.kind == "run" && node.outcome == "hit" ? 1 : 0;
    bytes += node.kind == "layer" ? std::max<int64_t>(node.bytes, 0) : 0;
  }
  return absl::StrCat("<table><tr><th>RUNs executed</th><th>RUNs found</th><th>own layers</th></tr><tr><td>",
                      ran, "</td><td>", hit, "</td><td>", ShownSize(bytes), "</td></tr></table>");
}

}  // namespace

std::string GraphSvg(const std::vector<PageNode>& nodes) { return Picture(nodes).Draw(); }

std::string GraphHtml(const std::string& title, const std::vector<PageNode>& nodes) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", Escaped(title),
      "</title><style>", kPageStyle, "</style></head>\n<body><main><h1>", Escaped(title), "</h1>",
      Summary(nodes), "\n", GraphSvg(nodes),
      "</main><aside id=\"panel\"><p class=\"dim\">Click a step to see what it read, and why it "
      "ran.</p></aside>\n<script type=\"application/json\" id=\"data\">",
      Data(nodes), "</script><script>", kScript, "</script></body></html>\n");
}

}  // namespace kasane
