#include "src/oci/layer_ingest.h"

#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/base/status.h"
#include "src/oci/chunk_queue.h"
#include "src/oci/compression.h"
#include "src/oci/delta_builder.h"
#include "src/oci/tar_reader.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr size_t kChunk = 256 << 10;
constexpr size_t kChunks = 8;

// Hashes each file of the tar on its own and tells the pack where it lies.
class PackIndexer : public TarReader::Handler {
 public:
  PackIndexer(Store* store, PackWriter* pack) : store_(store), pack_(pack) {}

  absl::Status OnMember(const TarHeader& header, int64_t content_offset) override {
    is_file_ = header.type == TarType::kFile;
    if (is_file_) {
      offset_ = content_offset;
      size_ = static_cast<int64_t>(header.size);
      hash_ = Sha256();
      sparse_.reset();
      if (header.sparse) sparse_ = store_->NewBlob();
    }
    return builder_.Add(header);
  }
  absl::Status OnContent(absl::string_view data) override {
    hash_.Update(data);
    return sparse_.has_value() ? sparse_->Write(data) : absl::OkStatus();
  }
  absl::Status OnMemberEnd() override {
    if (!is_file_) return absl::OkStatus();
    Digest digest = hash_.Finish();
    builder_.SetContent(digest);
    if (sparse_.has_value()) return sparse_->Commit(digest).status();
    pack_->AddFile(digest, offset_, size_);
    return absl::OkStatus();
  }

  absl::StatusOr<Delta> Finish() { return builder_.Finish(); }

 private:
  Store* store_;
  PackWriter* pack_;
  absl::optional<BlobWriter> sparse_;  // the content of a sparse file, which the tar does not hold as it is
  DeltaBuilder builder_;
  Sha256 hash_;
  bool is_file_ = false;
  int64_t offset_ = 0;
  int64_t size_ = 0;
};

}  // namespace

struct LayerIngest::Impl {
  Impl(Store* s, const PullSpec& p) : store(s), spec(p), blob(s->NewBlob()), pack(s->NewPack()) {
    inflater = std::thread([this] { Inflate(); });
    indexer_thread = std::thread([this] { Index(); });
  }
  ~Impl() {
    compressed.Cancel();
    tar.Cancel();
    Join();
  }

  void Join() {
    if (inflater.joinable()) inflater.join();
    if (indexer_thread.joinable()) indexer_thread.join();
  }
  void Fail(const absl::Status& status) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (failure.ok()) failure = status;
    }
    compressed.Cancel();
    tar.Cancel();
  }
  absl::Status Failure() {
    std::lock_guard<std::mutex> lock(mutex);
    return failure;
  }

  absl::Status PushCompressed() {
    Chunk full = std::exchange(current, Chunk());
    if (full.size == 0) return absl::OkStatus();
    return compressed.Push(std::move(full)) ? absl::OkStatus() : Failure();
  }

  void Inflate();
  void Index();

  Store* store;
  PullSpec spec;
  BlobWriter blob;
  PackWriter pack;
  PackIndexer indexer{store, &pack};
  int64_t received = 0;
  Chunk current;  // being filled by the caller
  ChunkQueue compressed{kChunk, kChunks};
  ChunkQueue tar{kChunk, kChunks};
  std::thread inflater;
  std::thread indexer_thread;
  std::mutex mutex;
  absl::Status failure;
};

void LayerIngest::Impl::Inflate() {
  Decompressor decompressor;
  Chunk out = tar.NewChunk();
  // Moves what `n` says was written along; false: stop.
  auto made = [&](const absl::StatusOr<size_t>& n) {
    if (!n.ok()) {
      Fail(n.status());
      return false;
    }
    out.size += *n;
    if (out.size < tar.chunk_size()) return true;
    if (!tar.Push(std::move(out))) return false;
    out = tar.NewChunk();
    return true;
  };
  Chunk in;
  while (compressed.Pop(&in)) {
    absl::string_view rest = in.view();
    while (true) {
      absl::StatusOr<size_t> n =
          decompressor.Read(&rest, out.bytes.get() + out.size, tar.chunk_size() - out.size);
      if (!made(n)) return;
      if (*n == 0 && rest.empty()) break;
    }
    compressed.Recycle(std::move(in));
  }
  while (true) {
    absl::StatusOr<size_t> n = decompressor.ReadEnd(out.bytes.get() + out.size, tar.chunk_size() - out.size);
    if (!made(n)) return;
    if (*n == 0) break;
  }
  if (out.size > 0) tar.Push(std::move(out));
  tar.Close();
}

void LayerIngest::Impl::Index() {
  TarReader reader(&indexer);
  Chunk in;
  while (tar.Pop(&in)) {
    absl::Status status = pack.Write(in.view());
    if (status.ok()) status = reader.Write(in.view());
    if (!status.ok()) return Fail(status);
    tar.Recycle(std::move(in));
  }
  absl::Status status = reader.Finish();
  if (!status.ok()) Fail(status);
}

LayerIngest::LayerIngest(Store* store, const PullSpec& spec) : impl_(std::make_unique<Impl>(store, spec)) {}
LayerIngest::~LayerIngest() = default;

int64_t LayerIngest::received() const { return impl_->received; }

absl::Status LayerIngest::Write(absl::string_view data) {
  Impl& i = *impl_;
  RETURN_IF_ERROR(i.Failure());
  if (static_cast<int64_t>(data.size()) > i.spec.size - i.received) {
    absl::Status status = absl::DataLossError(absl::StrCat("longer than its ", i.spec.size, " bytes"));
    i.Fail(status);
    return status;
  }
  RETURN_IF_ERROR(i.blob.Write(data));
  i.received += static_cast<int64_t>(data.size());
  while (!data.empty()) {
    if (i.current.bytes == nullptr) i.current = i.compressed.NewChunk();
    size_t n = std::min(data.size(), kChunk - i.current.size);
    std::copy_n(data.data(), n, i.current.bytes.get() + i.current.size);
    i.current.size += n;
    data.remove_prefix(n);
    if (i.current.size == kChunk) RETURN_IF_ERROR(i.PushCompressed());
  }
  return absl::OkStatus();
}

absl::StatusOr<Record> LayerIngest::Finish() {
  Impl& i = *impl_;
  if (i.received < i.spec.size) {
    absl::Status status =
        absl::DataLossError(absl::StrCat("cut off: ", i.received, " of ", i.spec.size, " bytes"));
    i.Fail(status);
    return status;
  }
  RETURN_IF_ERROR(i.PushCompressed());
  i.compressed.Close();
  i.Join();
  RETURN_IF_ERROR(i.Failure());
  ASSIGN_OR_RETURN(Delta delta, i.indexer.Finish());
  absl::StatusOr<Digest> diff_id = i.pack.Commit(i.spec.diff_id);
  if (!diff_id.ok()) return Annotate(diff_id.status(), "wrong diff_id");
  absl::StatusOr<Digest> blob = i.blob.Commit(i.spec.blob);
  if (!blob.ok()) return Annotate(blob.status(), "wrong digest");

  Record record;
  record.kind = "pull";
  ASSIGN_OR_RETURN(record.delta, SaveDelta(i.store, delta));
  record.layers.push_back({*diff_id, *blob, i.received, i.spec.media_type});
  return record;
}

}  // namespace kasane
