// Where evaluation puts what users got wrong.
#ifndef KASANE_SRC_PLAN_REPORT_H_
#define KASANE_SRC_PLAN_REPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "src/base/diagnostic.h"

namespace kasane {

class Report {
 public:
  Report(std::string file, std::vector<Diagnostic>* out) : file_(std::move(file)), out_(out) {}

  // Always false, so that callers can `return report->Error(...)`.
  bool Error(const SourceRange& range, std::string message, std::string help = "") {
    Add(file_, range, std::move(message), std::move(help));
    return false;
  }
  // Of the command line: no file, no place.
  bool OptionError(std::string message, std::string help = "") {
    Add("", {}, std::move(message), std::move(help));
    return false;
  }

 private:
  void Add(const std::string& file, const SourceRange& range, std::string message, std::string help) {
    out_->push_back({Severity::kError, file, range, std::move(message), std::move(help), ""});
  }

  std::string file_;
  std::vector<Diagnostic>* out_;
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_REPORT_H_
