// CHECK_BIND and OWN_TREE: done with the rights of the one who asks.
#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/bind_source.h"
#include "unpack/unpack.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

Result<UniqueFd> open_judged(Environment& environment, const runtime::Caller& caller, const std::string& path,
                             bool create) {
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos)
    return Error{"bad-request", "a bind source must be an absolute path", EINVAL};
  BERTH_TRY_ASSIGN(auto opened, runtime::open_as_caller(caller, {{path, create}}));
  runtime::HelperDirectories own{&environment.root, &environment.run};
  BERTH_TRY(runtime::judge_bind(caller, opened.front().get(), path, own));
  return std::move(opened.front());
}

}  // namespace

// In a child: the caller's file system may be slow or gone, and nobody else shall wait for it.
void check_bind(Server& server, uint32_t id, Request request) {
  runtime::Caller caller = runtime::decode_caller(request.in);
  std::string path = request.in.str();
  bool create = request.in.u8() != 0;
  if (!request.in.at_end()) return server.answer(id, incomplete());
  Environment* environment = &server.environment();
  server.in_child(id, {}, [environment, caller, path, create](const std::vector<UniqueFd>&) -> Reply {
    BERTH_TRY_ASSIGN(UniqueFd fd, open_judged(*environment, caller, path, create));
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return sys_error("stat " + path);
    Writer out;
    out.u8(S_ISDIR(st.st_mode) ? 0 : S_ISREG(st.st_mode) ? 1 : 2);
    out.u32(st.st_uid);
    out.u32(st.st_gid);
    return out.take();
  });
}

void own_tree(Server& server, uint32_t id, Request request) {
  runtime::Caller caller = runtime::decode_caller(request.in);
  std::string path = request.in.str();
  uint32_t base = request.in.u32();
  uint32_t size = request.in.u32();
  uint32_t uid = request.in.u32();
  uint32_t gid = request.in.u32();
  if (!request.in.at_end() || base == 0) return server.answer(id, incomplete());
  if (!caller.admin && uid != caller.uid)
    return server.answer(id, Error{"bad-request", "a confined caller's files go to the caller", EPERM});
  Environment* environment = &server.environment();
  server.in_child(id, {}, [=](const std::vector<UniqueFd>&) -> Reply {
    BERTH_TRY_ASSIGN(UniqueFd fd, open_judged(*environment, caller, path, false));
    UniqueFd readable(::openat(fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!readable) return sys_error("open " + path);
    BERTH_TRY_ASSIGN(uint64_t changed, unpack::own_tree(readable.get(), base, size, uid, gid));
    Writer out;
    out.u64(changed);
    return out.take();
  });
}

}  // namespace berth::warden
