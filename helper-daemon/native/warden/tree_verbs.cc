// MAKE_TREE, REMOVE_TREE, UNPACK, COMMIT_TREE, TAR_TREE, USAGE: directories beneath ROOT.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "common/log.h"
#include "common/syscalls.h"
#include "runtime/cgroup_migration.h"
#include "unpack/unpack.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

constexpr uint8_t kEmptyDirectory = 0;
constexpr uint8_t kContainerDirectory = 1;
constexpr int kMigrationRounds = 8;

Status make_one(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), mode) != 0) return sys_error("make directory " + name);
  if (::fchmodat(parent, name.c_str(), mode, 0) != 0) return sys_error("set the mode of " + name);
  return ok_status();
}

Status make_container(int parent, const std::string& name) {
  BERTH_TRY(make_one(parent, name, 0700));
  UniqueFd container(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!container) return sys_error("open " + name);
  BERTH_TRY(make_one(container.get(), "rw", 0700));
  // The upper directory's mode is what the container sees as the mode of "/".
  UniqueFd writable(::openat(container.get(), "rw", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!writable) return sys_error("open rw");
  BERTH_TRY(make_one(writable.get(), "u", 0755));
  return make_one(writable.get(), "w", 0700);
}

Status commit(const BaseDirectory& root, const std::string& from, const std::string& to) {
  std::string from_name;
  std::string to_name;
  BERTH_TRY_ASSIGN(UniqueFd parent, root.open_parent(from, &from_name));
  BERTH_TRY_ASSIGN(UniqueFd other, root.open_parent(to, &to_name));
  struct stat a {};
  struct stat b {};
  if (::fstat(parent.get(), &a) != 0 || ::fstat(other.get(), &b) != 0)
    return sys_error("stat the parent of " + to);
  if (a.st_dev != b.st_dev || a.st_ino != b.st_ino)
    return Error{"bad-request", "both paths must have the same parent", EINVAL};
  UniqueFd readable(::openat(parent.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return sys_error("open the parent of " + to);
  if (::syncfs(readable.get()) != 0) return sys_error("sync the file system of " + to);
  if (::renameat2(parent.get(), from_name.c_str(), parent.get(), to_name.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EEXIST) return sys_error("rename " + from);
    auto removed = unpack::remove_tree(parent.get(), from_name);
    if (!removed.ok()) return removed.error();
  }
  if (::fsync(readable.get()) != 0) return sys_error("sync the parent of " + to);
  return ok_status();
}

std::string number(uint64_t value) {
  Writer out;
  out.u64(value);
  return out.take();
}

Reply totals(const Result<unpack::Totals>& result, bool entries_first) {
  if (!result.ok()) return result.error();
  Writer out;
  out.u64(entries_first ? result.value().entries : result.value().bytes);
  out.u64(entries_first ? result.value().bytes : result.value().entries);
  return out.take();
}

}  // namespace

Reply make_tree(Environment& environment, Request& request) {
  std::string path = request.in.str();
  uint8_t kind = request.in.u8();
  if (!request.in.at_end() || kind > kContainerDirectory) return incomplete();
  std::string name;
  BERTH_TRY_ASSIGN(UniqueFd parent, environment.root.open_parent(path, &name));
  // A container is most often started moments after it is created.
  if (kind == kContainerDirectory) runtime::begin_migration(environment.hierarchies, kMigrationRounds);
  BERTH_TRY(kind == kEmptyDirectory ? make_one(parent.get(), name, 0755)
                                    : make_container(parent.get(), name));
  return std::string();
}

void remove_tree(Server& server, uint32_t id, Request request) {
  std::string path = request.in.str();
  if (!request.in.at_end()) return server.answer(id, incomplete());
  auto relative = server.environment().root.relative(path);
  if (!relative.ok()) return server.answer(id, relative.error());
  if (relative->find('/') == std::string::npos)
    return server.answer(
        id, Error{"bad-request", "only trees at least two levels beneath ROOT are removed", EINVAL});
  std::string name;
  auto parent = server.environment().root.open_parent(path, &name);
  if (!parent.ok()) {
    if (parent.error().errnum == ENOENT) return server.answer(id, number(0));
    return server.answer(id, parent.error());
  }
  std::vector<UniqueFd> fds;
  fds.push_back(parent.take());
  server.in_child(id, fds, [name](const std::vector<UniqueFd>& kept) -> Reply {
    if (::faccessat(kept[0].get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
      return number(0);
    BERTH_TRY_ASSIGN(uint64_t freed, unpack::remove_tree(kept[0].get(), name));
    return number(freed);
  });
}

void unpack(Server& server, uint32_t id, Request request) {
  std::string path = request.in.str();
  unpack::Limits limits;
  limits.max_bytes = request.in.u64();
  limits.max_entries = request.in.u64();
  if (!request.in.at_end() || request.fds.size() != 1) return server.answer(id, incomplete());
  std::string name;
  auto parent = server.environment().root.open_parent(path, &name);
  if (!parent.ok()) return server.answer(id, parent.error());
  std::vector<UniqueFd> fds;
  fds.push_back(parent.take());
  fds.push_back(std::move(request.fds.front()));
  server.in_confined_child(id, fds, name, [limits](int tar, int root) -> Reply {
    return totals(unpack::unpack_tar(tar, root, limits), true);
  });
}

void tar_tree(Server& server, uint32_t id, Request request) {
  std::string path = request.in.str();
  if (!request.in.at_end() || request.fds.size() != 1) return server.answer(id, incomplete());
  auto tree = server.environment().root.open_beneath(path, O_RDONLY | O_DIRECTORY);
  if (!tree.ok()) return server.answer(id, tree.error());
  std::vector<UniqueFd> fds;
  fds.push_back(tree.take());
  fds.push_back(std::move(request.fds.front()));
  server.in_child(id, fds, [](const std::vector<UniqueFd>& kept) -> Reply {
    auto result = unpack::tar_tree(kept[0].get(), kept[1].get());
    if (!result.ok()) return result.error();
    return number(result->bytes);
  });
}

void usage(Server& server, uint32_t id, Request request) {
  std::string path = request.in.str();
  if (!request.in.at_end()) return server.answer(id, incomplete());
  auto tree = server.environment().root.open_beneath(path, O_RDONLY | O_DIRECTORY);
  if (!tree.ok()) return server.answer(id, tree.error());
  std::vector<UniqueFd> fds;
  fds.push_back(tree.take());
  server.in_child(id, fds, [](const std::vector<UniqueFd>& kept) {
    return totals(unpack::measure_tree(kept[0].get()), false);
  });
}

void commit_tree(Server& server, uint32_t id, Request request) {
  std::string from = request.in.str();
  std::string to = request.in.str();
  if (!request.in.at_end()) return server.answer(id, incomplete());
  BaseDirectory* root = &server.environment().root;
  server.in_child(id, {}, [root, from, to](const std::vector<UniqueFd>&) -> Reply {
    BERTH_TRY(commit(*root, from, to));
    return std::string();
  });
}

}  // namespace berth::warden
