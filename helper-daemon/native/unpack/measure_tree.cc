#include "unpack/inode_map.h"
#include "unpack/tree_walk.h"
#include "unpack/unpack.h"

namespace berth::unpack {

namespace {

class Counter : public TreeVisitor {
 public:
  Status enter(const Node& node) override {
    if (node.parent_fd < 0) return ok_status();
    ++totals_.entries;
    if (!S_ISREG(node.stat.st_mode)) return ok_status();
    if (node.stat.st_nlink > 1 && linked_.seen_before(node.stat, true) != nullptr) return ok_status();
    totals_.bytes += static_cast<uint64_t>(node.stat.st_size);
    return ok_status();
  }
  const Totals& totals() const { return totals_; }

 private:
  Totals totals_;
  InodeMap<bool> linked_;
};

}  // namespace

Result<Totals> measure_tree(int root_fd) {
  Counter counter;
  BERTH_TRY(walk_tree(root_fd, counter));
  return counter.totals();
}

}  // namespace berth::unpack
