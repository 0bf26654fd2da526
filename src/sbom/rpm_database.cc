#include "src/sbom/rpm_database.h"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "src/sbom/rpm_bdb.h"
#include "src/sbom/rpm_header.h"
#include "src/sbom/rpm_ndb.h"

namespace kasane {
namespace {

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

// Which versions of the format may write and read the file.
constexpr size_t kWriteVersion = 18;
constexpr size_t kReadVersion = 19;
constexpr size_t kHeader = 100;

bool IsSqlite(absl::string_view bytes) {
  return bytes.size() >= kHeader && absl::StartsWith(bytes, "SQLite format 3");
}

std::vector<std::string> SqliteHeaders(absl::string_view bytes) {
  std::string copy(bytes);
  // rpm keeps a log beside the file, which a database in memory cannot have; an image's is empty.
  copy[kWriteVersion] = copy[kReadVersion] = 1;
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE, nullptr);
  const Database database(opened, sqlite3_close);
  const auto size = static_cast<sqlite3_int64>(copy.size());
  if (result != SQLITE_OK ||
      sqlite3_deserialize(opened, "main", reinterpret_cast<unsigned char*>(copy.data()), size, size,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK) {
    return {};
  }
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(opened, "SELECT blob FROM Packages", -1, &prepared, nullptr) != SQLITE_OK) return {};
  const Statement statement(prepared, sqlite3_finalize);
  std::vector<std::string> out;
  while (sqlite3_step(prepared) == SQLITE_ROW) {
    const auto* blob = static_cast<const char*>(sqlite3_column_blob(prepared, 0));
    const auto length = static_cast<size_t>(sqlite3_column_bytes(prepared, 0));
    out.emplace_back(blob, length);
  }
  return out;
}

}  // namespace

std::vector<Package> ParseRpmDatabase(absl::string_view bytes) {
  std::vector<std::string> headers;
  if (IsSqlite(bytes)) {
    headers = SqliteHeaders(bytes);
  } else if (IsRpmNdb(bytes)) {
    headers = RpmNdbHeaders(bytes);
  } else if (IsRpmBdb(bytes)) {
    headers = RpmBdbHeaders(bytes);
  }
  std::vector<Package> out;
  for (const std::string& header : headers) {
    if (absl::optional<Package> package = ParseRpmHeader(header)) out.push_back(*std::move(package));
  }
  return out;
}

}  // namespace kasane
