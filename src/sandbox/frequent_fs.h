// The file system of the FrequentFiles.
#ifndef KASANE_SRC_SANDBOX_FREQUENT_FS_H_
#define KASANE_SRC_SANDBOX_FREQUENT_FS_H_

#include "src/sandbox/frequent_files.h"
#include "src/sandbox/lowerfs.h"

namespace kasane {

// Holds nothing but those files, and the directories that lead to them. To lie on top of a LowerFs of the
// same tree, which is asked for all else, for directories too. open(2) asks it nothing. A place is listed
// once, and all that it has comes along: overlayfs looks each name of a listing up where several parts have
// the directory.
class FrequentFs : public LowerFs {
 public:
  // `files`, of the tree, must outlive this. `options` have an observer and no passthrough.
  FrequentFs(Store* store, const Tree& tree, const Options& options, const FrequentFiles* files)
      : LowerFs(store, tree, options), frequent_(*files) {}
  ~FrequentFs() override { Stop(); }

 private:
  void Lookup(const Request& request, FuseReply* reply) override;
  void Open(const Request& request, FuseReply* reply) override;
  void Read(const Request& request, FuseReply* reply) override;
  void Opendir(const Request& request, FuseReply* reply) override;
  void Readdir(const Request& request, FuseReply* reply) override;
  // What the kernel is told of a file that it may open without asking.
  void Tell(const Request& request, LowerInode* file, fuse_entry_out* out);

  const FrequentFiles& frequent_;
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FREQUENT_FS_H_
