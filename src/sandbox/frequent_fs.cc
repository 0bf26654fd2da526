#include "src/sandbox/frequent_fs.h"

#include <cerrno>

#include "absl/status/status.h"
#include "src/sandbox/fuse_reply.h"

namespace kasane {

void FrequentFs::Tell(const Request& request, LowerInode* file, fuse_entry_out* out) {
  Observer* observer = options().observer;
  observer->OnLookup(request.header.pid, *request.inode, file->node().name, file);
  if (file->node().entry.is_file()) observer->OnOpen(request.header.pid, *file, 0);
  FillEntry(file, /*with_attributes=*/true, out);
}

void FrequentFs::Lookup(const Request& request, FuseReply* reply) {
  fuse_entry_out out = {};
  out.entry_valid = kForEver;  // node id 0: not here
  LowerInode* found = nodes()->Lookup(request.inode, request.name);
  if (found == nullptr) return reply->Append(&out, sizeof(out));
  if (found->node().entry.is_directory()) {
    // What was put below an interpreter's library later on would be asked for twice.
    const std::string path = found->path();
    if (frequent_.LeadsOn(path) && (!frequent_.IsInLibrary(path) || options().observer->IsSameForAll(*found)))
      FillEntry(found, /*with_attributes=*/true, &out);
  } else if (frequent_.Has(request.inode->path(), found->node()) &&
             options().observer->IsSameForAll(*found)) {
    Tell(request, found, &out);
  }
  reply->Append(&out, sizeof(out));
}

void FrequentFs::Open(const Request&, FuseReply* reply) { reply->Error(ENOSYS); }  // and is never asked again

void FrequentFs::Opendir(const Request&, FuseReply* reply) { reply->Error(ENOSYS); }

void FrequentFs::Read(const Request& request, FuseReply* reply) {
  absl::Status opened = files()->Open(request.inode, false, false, reply->buffer()).status();
  if (!opened.ok()) {
    Poison(opened);
    return reply->Error(EIO);
  }
  LowerFs::Read(request, reply);
  files()->Close(request.inode);
}

void FrequentFs::Readdir(const Request& request, FuseReply* reply) {
  const std::string directory = request.inode->path();
  if (!frequent_.IsPlace(directory)) return;
  List(
      request,
      [&](size_t index, fuse_entry_out* more) {
        const Node& child = request.inode->node().children()[index];
        if (!frequent_.Has(directory, child)) return false;
        LowerInode* file = nodes()->Child(request.inode, index);
        if (!options().observer->IsSameForAll(*file)) return false;
        if (more != nullptr) Tell(request, file, more);
        return true;
      },
      reply);
}

}  // namespace kasane
