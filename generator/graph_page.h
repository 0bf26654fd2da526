// A build as a picture (SVG) and as one page of HTML that needs nothing else: steps by stages, what each came
// to and why.
#ifndef KASANE_GENERATOR_GRAPH_PAGE_H_
#define KASANE_GENERATOR_GRAPH_PAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/json.h"

namespace kasane {

struct PageNode {
  std::string kind;           // SpecKind
  std::string title;          // the instruction, or what stands for one
  std::string place;          // "Dockerfile:7"; may be empty
  std::string stage;          // the column; "base" and "image" for what is no stage's
  std::string outcome;        // ran, hit, built, or "" if it was not come to
  std::string why;            // in a few words; may be empty
  int64_t milliseconds = -1;  // when it was last executed; -1: not known
  int64_t bytes = -1;         // of its layer, or of what was pulled
  std::vector<int> from;      // nodes of other columns that it reads
  Json details;               // for the panel: {"differences":[..],"read":{"files":[..],..}}; may be null
};

std::string GraphSvg(const std::vector<PageNode>& nodes);
std::string GraphHtml(const std::string& title, const std::vector<PageNode>& nodes);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GRAPH_PAGE_H_
