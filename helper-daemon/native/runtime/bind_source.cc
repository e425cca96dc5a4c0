#include "runtime/bind_source.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>

#include "common/descriptor_passing.h"
#include "common/syscalls.h"
#include "common/wire.h"

namespace berth::runtime {

namespace {

constexpr size_t kMaxReply = 16384;

Status become(const Caller& caller) {
  if (caller.admin) return ok_status();
  std::vector<gid_t> groups(caller.groups.begin(), caller.groups.end());
  if (::setgroups(groups.size(), groups.data()) != 0) return sys_error("setgroups");
  if (::setresgid(caller.gid, caller.gid, caller.gid) != 0) return sys_error("setresgid");
  // Leaving uid 0 with all three ids clears every capability set.
  if (::setresuid(caller.uid, caller.uid, caller.uid) != 0) return sys_error("setresuid");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return sys_error("no_new_privs");
  return ok_status();
}

Status make_path(const std::string& path) {
  size_t at = 0;
  while (at != std::string::npos) {
    at = path.find('/', at + 1);
    std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) return sys_error("create " + part);
  }
  return ok_status();
}

Error explain(const std::string& path, int errnum) {
  if (errnum == ENOENT)
    return Error{"bind-missing", "bind source " + path + " does not exist; create it first", errnum};
  if (errnum == EACCES || errnum == EPERM)
    return Error{
        "bind-denied",
        "you may not read bind source " + path + "; mount a directory of yours, or ask its owner for access",
        errnum};
  if (errnum == ELOOP)
    return Error{"bind-denied",
                 "bind source " + path + " leads through a magic link of /proc, which is not allowed",
                 errnum};
  return sys_error("open bind source " + path, errnum);
}

Result<UniqueFd> open_one(const BindRequest& request) {
  auto open = [&] {
    return UniqueFd(openat2(AT_FDCWD, request.path.c_str(), O_PATH | O_CLOEXEC, RESOLVE_NO_MAGICLINKS));
  };
  UniqueFd fd = open();
  if (!fd && errno == ENOENT && request.create_missing) {
    Status made = make_path(request.path);
    if (!made.ok()) return explain(request.path, made.error().errnum);
    fd = open();
  }
  if (!fd) return explain(request.path, errno);
  // O_PATH asks only for search on the parents.
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return sys_error("stat " + request.path);
  int mode = R_OK | (S_ISDIR(st.st_mode) ? X_OK : 0);
  if (::faccessat(fd.get(), "", mode, AT_EMPTY_PATH | AT_EACCESS) != 0) return explain(request.path, errno);
  return fd;
}

[[noreturn]] void opener(int socket, const Caller& caller, const std::vector<BindRequest>& requests) {
  Writer reply;
  std::vector<UniqueFd> opened;
  Status status = become(caller);
  for (size_t i = 0; i < requests.size() && status.ok(); ++i) {
    auto fd = open_one(requests[i]);
    if (fd.ok()) {
      opened.push_back(fd.take());
    } else {
      status = fd.error();
    }
  }
  std::vector<int> raw;
  if (status.ok()) {
    reply.u8(0);
    for (const auto& fd : opened) raw.push_back(fd.get());
  } else {
    reply.u8(1);
    reply.str(status.error().code);
    reply.str(status.error().message);
    reply.i32(status.error().errnum);
  }
  ::_exit(send_packet(socket, reply.data(), raw).ok() ? 0 : 1);
}

}  // namespace

Result<std::vector<UniqueFd>> open_as_caller(const Caller& caller, const std::vector<BindRequest>& requests) {
  std::vector<UniqueFd> none;
  if (requests.empty()) return none;
  BERTH_TRY_ASSIGN(auto pair, packet_pair());
  clone_args args{};
  int pidfd_raw = -1;
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd_raw);
  pid_t pid = clone3(args);
  if (pid < 0) return sys_error("fork to open bind sources");
  if (pid == 0) opener(pair.second.get(), caller, requests);
  UniqueFd pidfd(pidfd_raw);
  pair.second.reset();
  auto packet = receive_packet(pair.first.get(), kMaxReply);
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | __WALL) != 0 && errno == EINTR) {
  }
  if (!packet.ok()) return packet.error();
  Reader in(packet->data);
  if (in.u8() != 0) {
    std::string code = in.str();
    std::string message = in.str();
    return Error{code, message, in.i32()};
  }
  if (!in.ok() || packet->fds.size() != requests.size())
    return Error{"EIO", "the process that opens bind sources ended early", EIO};
  return std::move(packet->fds);
}

}  // namespace berth::runtime
