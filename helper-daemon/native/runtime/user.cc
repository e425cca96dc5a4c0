#include "runtime/user.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "common/file.h"

namespace berth::runtime {

namespace {

constexpr size_t kMaxDatabase = 4 << 20;
constexpr uint32_t kLargestId = 0x7fffffff;
constexpr size_t kMaxGroups = 65536;  // NGROUPS_MAX

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    size_t colon = line.find(':');
    fields.push_back(line.substr(0, colon));
    if (colon == std::string_view::npos) return fields;
    line.remove_prefix(colon + 1);
  }
}

template <typename Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.front() != '#' && !visit(fields_of(line))) return;
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

bool is_number(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<uint32_t> number(std::string_view s) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

Error unknown(const std::string& what) {
  return Error{"user-unknown", what, 0};
}

// An absent file is an empty one: images without /etc/passwd are fine as long as users are given by number.
Result<std::string> database(int root, const char* path) {
  auto text = read_untrusted_file(root, path, kMaxDatabase);
  if (!text.ok() && (text.error().errnum == ENOENT || text.error().errnum == ENOTDIR)) return std::string();
  return text;
}

Result<uint32_t> checked(std::string_view text, uint32_t limit, const char* kind) {
  auto id = number(text);
  if (!id || *id >= limit)
    return unknown(std::string(kind) + " " + std::string(text) + " is not between 0 and " +
                   std::to_string(limit - 1));
  return *id;
}

Result<uint32_t> group_id(const std::string& groups, std::string_view name, uint32_t limit) {
  if (is_number(name)) return checked(name, limit, "group");
  std::optional<uint32_t> found;
  each_line(groups, [&](const auto& f) {
    if (f.size() < 3 || f[0] != name) return true;
    found = number(f[2]);
    return false;
  });
  if (!found || *found >= limit)
    return unknown("no group " + std::string(name) + " in the image's /etc/group");
  return *found;
}

}  // namespace

Result<User> resolve_user(int root, const std::string& spec,
                          const std::vector<std::string>& additional_groups, uint32_t id_limit) {
  uint32_t limit = id_limit != 0 ? std::min(id_limit, kLargestId) : kLargestId;
  size_t colon = spec.find(':');
  std::string name = spec.substr(0, colon);
  std::string group = colon == std::string::npos ? "" : spec.substr(colon + 1);
  BERTH_TRY_ASSIGN(std::string passwd, database(root, "etc/passwd"));
  BERTH_TRY_ASSIGN(std::string groups, database(root, "etc/group"));

  User user;
  std::string login;
  bool numeric = name.empty() || is_number(name);
  if (numeric && !name.empty()) {
    BERTH_TRY_ASSIGN(user.uid, checked(name, limit, "user"));
  }
  bool found = false;
  each_line(passwd, [&](const auto& f) {
    if (f.size() < 6) return true;
    auto uid = number(f[2]);
    auto gid = number(f[3]);
    if (!uid || !gid || (numeric ? *uid != user.uid : f[0] != name)) return true;
    found = true;
    user.uid = *uid;
    user.gid = *gid;
    login = std::string(f[0]);
    if (!f[5].empty() && f[5].front() == '/') user.home = std::string(f[5]);
    return false;
  });
  if (!found && !numeric)
    return unknown("no user " + name +
                   " in the image's /etc/passwd; name one that is there, or give a number");
  if (user.uid >= limit || user.gid >= limit)
    return unknown("the ids of user " + name + " in /etc/passwd are out of range");
  if (!group.empty()) {
    BERTH_TRY_ASSIGN(user.gid, group_id(groups, group, limit));
  } else if (!login.empty()) {
    // Memberships count only when no group was named, as in Docker.
    each_line(groups, [&](const auto& f) {
      if (f.size() < 4) return true;
      std::string_view members = f[3];
      while (!members.empty()) {
        size_t comma = members.find(',');
        auto gid = number(f[2]);
        if (members.substr(0, comma) == login && gid && *gid < limit) user.groups.push_back(*gid);
        if (comma == std::string_view::npos) break;
        members.remove_prefix(comma + 1);
      }
      return user.groups.size() < kMaxGroups;
    });
  }
  for (const auto& extra : additional_groups) {
    BERTH_TRY_ASSIGN(uint32_t gid, group_id(groups, extra, limit));
    user.groups.push_back(gid);
  }
  std::sort(user.groups.begin(), user.groups.end());
  user.groups.erase(std::unique(user.groups.begin(), user.groups.end()), user.groups.end());
  if (user.groups.size() > kMaxGroups) return unknown("user " + name + " has too many groups");
  return user;
}

}  // namespace berth::runtime
