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
    Add(Severity::kError, file_, range, std::move(message), std::move(help), "");
    return false;
  }
  void Warning(const SourceRange& range, std::string message, std::string rule) {
    Add(Severity::kWarning, file_, range, std::move(message), "", std::move(rule));
  }
  // Of the command line: no file, no place.
  bool OptionError(std::string message, std::string help = "") {
    Add(Severity::kError, "", {}, std::move(message), std::move(help), "");
    return false;
  }
  void OptionWarning(std::string message, std::string help, std::string rule) {
    Add(Severity::kWarning, "", {}, std::move(message), std::move(help), std::move(rule));
  }

 private:
  void Add(Severity severity, const std::string& file, const SourceRange& range, std::string message,
           std::string help, std::string rule) {
    out_->push_back({severity, file, range, std::move(message), std::move(help), std::move(rule)});
  }

  std::string file_;
  std::vector<Diagnostic>* out_;
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_REPORT_H_
