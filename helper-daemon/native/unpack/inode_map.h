// Inodes with several names, so that each counts once.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>

namespace berth::unpack {

// From an inode to a value given at its first sight.
template <typename Value>
class InodeMap {
 public:
  // The value stored for the inode, or nullptr at its first sight; then `value` is stored.
  Value* seen_before(const struct stat& stat, Value value) {
    auto [at, inserted] = known_.try_emplace(Key{stat.st_dev, stat.st_ino}, std::move(value));
    return inserted ? nullptr : &at->second;
  }

 private:
  struct Key {
    dev_t device;
    ino_t inode;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      return std::hash<uint64_t>()(key.inode * 0x9e3779b97f4a7c15 + key.device);
    }
  };
  std::unordered_map<Key, Value, Hash> known_;
};

}  // namespace berth::unpack
