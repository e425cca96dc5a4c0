#include <algorithm>
#include <sstream>

#include "common/file.h"
#include "common/syscalls.h"
#include "runtime/cgroup.h"

namespace berth::runtime {

namespace {

constexpr size_t kMaxMountinfo = 4 << 20;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  std::string part;
  while (std::getline(stream, part, separator))
    if (!part.empty()) parts.push_back(part);
  return parts;
}

// Version 1 names its controllers in the super block's options, between generic ones.
bool is_controller(const std::string& option) {
  static const char* const known[] = {"cpu",      "cpuacct", "cpuset", "memory",     "devices",
                                      "freezer",  "blkio",   "pids",   "perf_event", "net_cls",
                                      "net_prio", "hugetlb", "rdma",   "misc"};
  return std::any_of(std::begin(known), std::end(known), [&](const char* k) { return option == k; });
}

}  // namespace

bool Hierarchy::offers(const std::string& controller) const {
  return std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
}

Result<Hierarchies> Hierarchies::discover() {
  BERTH_TRY_ASSIGN(std::string mounts, read_file_at(AT_FDCWD, "/proc/self/mountinfo", kMaxMountinfo));
  Hierarchies found;
  for (const auto& line : split(mounts, '\n')) {
    auto fields = split(line, ' ');
    auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 7 || fields.end() - dash < 4) continue;
    const std::string& type = *(dash + 1);
    if (type != "cgroup" && type != "cgroup2") continue;
    Hierarchy h;
    h.mount_point = fields[4];
    h.v2 = type == "cgroup2";
    h.fd = UniqueFd(::open(h.mount_point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!h.fd) continue;  // covered by another mount
    if (h.v2) {
      if (found.unified() != nullptr) continue;
      auto controllers = read_file_at(h.fd.get(), "cgroup.controllers", 4096);
      if (controllers.ok()) {
        std::string list = controllers.take();
        std::replace(list.begin(), list.end(), '\n', ' ');
        h.controllers = split(list, ' ');
      }
    } else {
      for (const auto& option : split(*(dash + 3), ','))
        if (is_controller(option)) h.controllers.push_back(option);
      if (h.controllers.empty()) continue;  // a named hierarchy of an init system
      bool seen = std::any_of(found.all_.begin(), found.all_.end(), [&](const Hierarchy& other) {
        return !other.v2 && other.offers(h.controllers.front());
      });
      if (seen) continue;
    }
    found.all_.push_back(std::move(h));
  }
  return found;
}

const Hierarchy* Hierarchies::unified() const {
  for (const auto& h : all_)
    if (h.v2) return &h;
  return nullptr;
}

bool Hierarchies::offers_v1(const std::string& controller) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const Hierarchy& h) { return !h.v2 && h.offers(controller); });
}

}  // namespace berth::runtime
