// Figures and tables as people read them.
#ifndef KASANE_GENERATOR_SHOWN_FIGURES_H_
#define KASANE_GENERATOR_SHOWN_FIGURES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace kasane {

std::string ShownSize(int64_t bytes);   // "12.3 MB": powers of 1000, one digit
std::string ShownAge(int64_t seconds);  // "3 hours"; "less than a second"
std::string ShownAgo(int64_t time);     // since 1970: "3 hours ago", "now"

// Lines whose columns stand below one another, two blanks between them, none at a line's end.
std::string ShownTable(const std::vector<std::vector<std::string>>& lines);

}  // namespace kasane

#endif  // KASANE_GENERATOR_SHOWN_FIGURES_H_
