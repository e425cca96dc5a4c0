#include "addon/descriptors.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "addon/js_error.h"
#include "common/fd.h"

namespace berth::addon {

namespace {

// What most kernels allow anybody (fs.pipe-max-size); a smaller pipe works as well, only slower.
constexpr int kPipeBytes = 1 << 20;

bool is_descriptor(const Napi::Value& value) {
  return value.IsNumber() && value.As<Napi::Number>().Int64Value() >= 0 &&
         value.As<Napi::Number>().Int64Value() <= INT32_MAX;
}

Error not_a_descriptor() {
  return Error{"bad-request", "the argument is not a descriptor", 0};
}

Result<std::vector<gid_t>> peer_groups(int fd) {
  std::vector<gid_t> groups(64);
  for (;;) {
    socklen_t bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
      groups.resize(bytes / sizeof(gid_t));
      return groups;
    }
    // ERANGE says in `bytes` how much room is needed.
    if (errno != ERANGE || bytes <= groups.size() * sizeof(gid_t))
      return sys_error("getsockopt SO_PEERGROUPS");
    groups.resize(bytes / sizeof(gid_t));
  }
}

Napi::Value peer_credentials(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!is_descriptor(info[0])) return throw_error(env, not_a_descriptor());
  int fd = info[0].As<Napi::Number>().Int32Value();
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
    return throw_error(env, sys_error("getsockopt SO_PEERCRED"));
  }
  auto groups = peer_groups(fd);
  if (!groups.ok()) return throw_error(env, groups.error());
  Napi::Array list = Napi::Array::New(env, groups->size());
  for (uint32_t i = 0; i < groups->size(); ++i) list.Set(i, Napi::Number::New(env, (*groups)[i]));
  Napi::Object result = Napi::Object::New(env);
  result.Set("uid", Napi::Number::New(env, peer.uid));
  result.Set("gid", Napi::Number::New(env, peer.gid));
  result.Set("pid", Napi::Number::New(env, peer.pid));
  result.Set("groups", list);
  return result;
}

Napi::Value socket_pair(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int ends[2];
  // Both close-on-exec: spawning gives the child its end by dup2, and no other child may inherit it.
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return throw_error(env, sys_error("socketpair"));
  }
  UniqueFd parent(ends[0]);
  UniqueFd child(ends[1]);
  if (fcntl(parent.get(), F_SETFL, O_NONBLOCK) != 0) return throw_error(env, sys_error("fcntl O_NONBLOCK"));
  Napi::Object result = Napi::Object::New(env);
  result.Set("parent", Napi::Number::New(env, parent.release()));
  result.Set("child", Napi::Number::New(env, child.release()));
  return result;
}

Napi::Value connect_seqpacket(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) return throw_error(env, Error{"bad-request", "connectSeqpacket needs a path", 0});
  std::string path = info[0].As<Napi::String>().Utf8Value();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return throw_error(env, sys_error("connect " + path, ENAMETOOLONG));
  path.copy(address.sun_path, path.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return throw_error(env, sys_error("socket"));
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return throw_error(env, sys_error("connect " + path));
  }
  return Napi::Number::New(env, fd.release());
}

Napi::Value make_pipe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return throw_error(env, sys_error("pipe2"));
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  Napi::Object result = Napi::Object::New(env);
  result.Set("read", Napi::Number::New(env, ends[0]));
  result.Set("write", Napi::Number::New(env, ends[1]));
  return result;
}

Napi::Value close_fd(const Napi::CallbackInfo& info) {
  if (!is_descriptor(info[0])) return throw_error(info.Env(), not_a_descriptor());
  if (close(info[0].As<Napi::Number>().Int32Value()) != 0 && errno != EINTR) {
    return throw_error(info.Env(), sys_error("close"));
  }
  return info.Env().Undefined();
}

Napi::Value lock_file(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) return throw_error(env, Error{"bad-request", "flock needs a path", 0});
  std::string path = info[0].As<Napi::String>().Utf8Value();
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return throw_error(env, sys_error("open " + path));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    Error error = sys_error("flock " + path);
    // The same number as EAGAIN, but callers look for the name that flock(2) documents.
    if (error.errnum == EWOULDBLOCK) error.code = "EWOULDBLOCK";
    return throw_error(env, error);
  }
  return Napi::Number::New(env, fd.release());
}

}  // namespace

void export_descriptors(Napi::Env env, Napi::Object exports) {
  exports.Set("peerCredentials", Napi::Function::New(env, peer_credentials, "peerCredentials"));
  exports.Set("socketPair", Napi::Function::New(env, socket_pair, "socketPair"));
  exports.Set("connectSeqpacket", Napi::Function::New(env, connect_seqpacket, "connectSeqpacket"));
  exports.Set("pipe", Napi::Function::New(env, make_pipe, "pipe"));
  exports.Set("closeFd", Napi::Function::New(env, close_fd, "closeFd"));
  exports.Set("flock", Napi::Function::New(env, lock_file, "flock"));
}

}  // namespace berth::addon
