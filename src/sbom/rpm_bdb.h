// rpm's database before 4.16 (CentOS 7, Fedora 32): the file Packages, a hash of Berkeley DB.
//
// Pages of one size; numbers have the byte order of the machine that wrote them, which the magic number
// tells. Page 0 describes the file: at 12 the magic number 0x061561, at 20 the size of a page, at 24 whether
// it is encrypted. Others begin with 26 bytes: at 8 the page's number, at 16 the next one's, at 20 how many
// items it has, at 22 where they begin (of an overflow page: how many bytes are used), at 25 what it is: 2
// and 13 are pages of the hash, 7 is one of overflow. A page of the hash goes on with the offsets of its
// items, keys and values in turn, which fill it from its end; an item is its kind and its bytes (1), or its
// kind (3), three bytes of nothing, the number of the first overflow page, and its length.
#ifndef KASANE_SRC_SBOM_RPM_BDB_H_
#define KASANE_SRC_SBOM_RPM_BDB_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

bool IsRpmBdb(absl::string_view bytes);
// The values of the hash, as far as the file is sound: headers of packages, and one that is none.
std::vector<std::string> RpmBdbHeaders(absl::string_view bytes);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_RPM_BDB_H_
